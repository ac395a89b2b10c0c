-- Policies: rules that deny actions, or have them approved first.

CREATE TABLE policy (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    key TEXT NOT NULL,
    -- Of the latest version.
    name TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    -- The version that is switched on, if one is.
    on_version BIGINT CHECK (on_version BETWEEN 1 AND version),
    switched_at TIMESTAMPTZ,
    switched_by UUID,
    switch_reason TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK ((switched_at IS NULL) = (switch_reason IS NULL)),
    CHECK (on_version IS NULL OR switched_at IS NOT NULL),
    UNIQUE (workspace_id, key),
    UNIQUE (workspace_id, id)
);

-- What every start looks at.
CREATE INDEX policy_on ON policy (workspace_id, id, on_version) WHERE on_version IS NOT NULL;

CREATE TABLE policy_version (
    workspace_id UUID NOT NULL,
    policy_id UUID NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    terms TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID,
    PRIMARY KEY (policy_id, number),
    FOREIGN KEY (workspace_id, policy_id) REFERENCES policy (workspace_id, id)
);

CREATE TRIGGER policy_version_no_change BEFORE UPDATE OR DELETE ON policy_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_version_no_truncate BEFORE TRUNCATE ON policy_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE policy_version ENABLE ALWAYS TRIGGER policy_version_no_change;
ALTER TABLE policy_version ENABLE ALWAYS TRIGGER policy_version_no_truncate;

-- The version of the policy that asks for an approval, where one does.
ALTER TABLE approval ADD COLUMN policy_id UUID REFERENCES policy (id);
ALTER TABLE approval ADD COLUMN policy_version BIGINT;
ALTER TABLE approval ADD COLUMN policy_digest TEXT;
