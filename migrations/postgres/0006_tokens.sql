-- How programs act for members, and how a request that is sent twice is carried out once.

-- Only the SHA-256 of a token's secret is kept.
CREATE TABLE token (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    member_id UUID NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    -- What it may do at most, as a JSON array of permissions.
    scopes TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id)
);

CREATE INDEX token_member ON token (workspace_id, member_id);

-- What a request with a key came to. A row without an answer is under way until its lease ends.
CREATE TABLE idempotency_key (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    -- Who asked: the id of a token or of a member.
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Of method, address and body.
    digest TEXT NOT NULL,
    -- The fence: whoever took it over last.
    attempt BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    lease_until TIMESTAMPTZ NOT NULL,
    -- Set in the transaction of the change.
    changed BOOLEAN NOT NULL,
    status BIGINT,
    content_type TEXT,
    location TEXT,
    body TEXT,
    PRIMARY KEY (workspace_id, principal, key)
);

CREATE INDEX idempotency_key_age ON idempotency_key (workspace_id, created_at);
