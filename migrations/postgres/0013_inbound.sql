-- Inbound endpoints: where tools that cannot show a token tell what happened. Their secrets stand in
-- signing_secret.

CREATE TABLE inbound (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    name TEXT NOT NULL,
    -- How it knows who tells.
    proof TEXT NOT NULL CHECK (proof IN ('standard-webhooks', 'github', 'secret')),
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    event_type TEXT NOT NULL,
    -- Where the id of an event is found.
    id_from TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ,
    -- Requests that were not taken in, as far as they were entered, and the last of them.
    refused BIGINT NOT NULL CHECK (refused >= 0),
    refused_at TIMESTAMPTZ,
    refused_because TEXT CHECK (refused_because IN ('not-proven', 'outside-window', 'no-id')),
    CHECK ((refused_at IS NULL) = (refused_because IS NULL)),
    UNIQUE (workspace_id, id)
);

CREATE INDEX inbound_list ON inbound (workspace_id, id) WHERE removed_at IS NULL;
