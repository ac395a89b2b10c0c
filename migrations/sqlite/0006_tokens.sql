-- How programs act for members, and how a request that is sent twice is carried out once.

-- Only the SHA-256 of a token's secret is kept.
CREATE TABLE token (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    -- What it may do at most, as a JSON array of permissions.
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id)
) STRICT;

CREATE INDEX token_member ON token (workspace_id, member_id);

-- What a request with a key came to. A row without an answer is under way until its lease ends.
CREATE TABLE idempotency_key (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    -- Who asked: the id of a token or of a member.
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Of method, address and body.
    digest TEXT NOT NULL,
    -- The fence: whoever took it over last.
    attempt INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    lease_until TEXT NOT NULL,
    -- Set in the transaction of the change.
    changed INTEGER NOT NULL CHECK (changed IN (0, 1)),
    status INTEGER,
    content_type TEXT,
    location TEXT,
    body TEXT,
    PRIMARY KEY (workspace_id, principal, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_key_age ON idempotency_key (workspace_id, created_at);
