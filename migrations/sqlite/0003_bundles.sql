-- Orders for bundles: the files themselves lie in a directory.

CREATE TABLE bundle (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    from_day TEXT NOT NULL,
    until_day TEXT NOT NULL,
    -- The keys of the automations it is limited to, as a JSON array; empty for all.
    automations TEXT NOT NULL,
    requested_by BLOB,
    requested_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'assembling', 'ready', 'failed')),
    attempt INTEGER NOT NULL,
    lease_until TEXT,
    rows_done INTEGER NOT NULL,
    rows_expected INTEGER,
    checkpoint_size INTEGER,
    file_name TEXT,
    file_size INTEGER,
    file_digest TEXT,
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT,
    ended_at TEXT,
    CHECK (from_day < until_day),
    CHECK (status <> 'ready' OR (file_name IS NOT NULL AND file_size IS NOT NULL
        AND file_digest IS NOT NULL AND checkpoint_size IS NOT NULL)),
    CHECK (status <> 'failed' OR failure_code IS NOT NULL),
    UNIQUE (workspace_id, id)
) STRICT;

CREATE INDEX bundle_list ON bundle (workspace_id, requested_at, id);
CREATE INDEX bundle_queue ON bundle (requested_at) WHERE status IN ('pending', 'assembling');
