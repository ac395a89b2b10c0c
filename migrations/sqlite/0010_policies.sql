-- Policies: rules that deny actions, or have them approved first.

CREATE TABLE policy (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    key TEXT NOT NULL,
    -- Of the latest version.
    name TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    -- The version that is switched on, if one is.
    on_version INTEGER CHECK (on_version BETWEEN 1 AND version),
    switched_at TEXT,
    switched_by BLOB,
    switch_reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK ((switched_at IS NULL) = (switch_reason IS NULL)),
    CHECK (on_version IS NULL OR switched_at IS NOT NULL),
    UNIQUE (workspace_id, key),
    UNIQUE (workspace_id, id)
) STRICT, WITHOUT ROWID;

-- What every start looks at.
CREATE INDEX policy_on ON policy (workspace_id, id, on_version) WHERE on_version IS NOT NULL;

CREATE TABLE policy_version (
    workspace_id BLOB NOT NULL,
    policy_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    terms TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by BLOB,
    PRIMARY KEY (policy_id, number),
    FOREIGN KEY (workspace_id, policy_id) REFERENCES policy (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER policy_version_no_update BEFORE UPDATE ON policy_version
BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END;
CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON policy_version
BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END;
CREATE TRIGGER policy_version_no_replace BEFORE INSERT ON policy_version
WHEN EXISTS (SELECT 1 FROM policy_version
    WHERE policy_id = NEW.policy_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'policy_version exists already'); END;

-- The version of the policy that asks for an approval, where one does.
ALTER TABLE approval ADD COLUMN policy_id BLOB REFERENCES policy (id);
ALTER TABLE approval ADD COLUMN policy_version INTEGER;
ALTER TABLE approval ADD COLUMN policy_digest TEXT;
