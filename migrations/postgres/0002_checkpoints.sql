-- Signed checkpoints of the audit logs, and who signs them.

-- The name of a log, fixed when it is first signed: <instance host>/ws/<workspace>.
CREATE TABLE log_origin (
    workspace_id UUID NOT NULL PRIMARY KEY REFERENCES workspace (id),
    origin TEXT NOT NULL UNIQUE,
    fixed_at TIMESTAMPTZ NOT NULL
);

-- The public keys a log was ever signed with. The secret ones are never in the database.
CREATE TABLE signing_key (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    number BIGINT NOT NULL,
    vkey TEXT NOT NULL,
    -- Where the secret half is kept.
    custody TEXT NOT NULL CHECK (custody IN ('file', 'credential')),
    added_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, number),
    UNIQUE (workspace_id, vkey)
);

-- Complete nodes of the tree at levels 8, 16, 24 …, so that a proof reads a few rows and not the log.
-- A new epoch begins when the host accepts a log that is not the one that was signed.
CREATE TABLE audit_node (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    epoch BIGINT NOT NULL,
    level BIGINT NOT NULL CHECK (level > 0 AND level % 8 = 0),
    position BIGINT NOT NULL CHECK (position >= 0),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (workspace_id, epoch, level, position)
);

CREATE TABLE checkpoint (
    workspace_id UUID NOT NULL REFERENCES log_origin (workspace_id),
    number BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    root BYTEA NOT NULL CHECK (length(root) = 32),
    -- The signed text, byte for byte.
    note TEXT NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, number)
);

CREATE INDEX checkpoint_size ON checkpoint (workspace_id, size, number);
CREATE INDEX checkpoint_signed ON checkpoint (workspace_id, signed_at, number);

-- What an independent authority says about when a checkpoint existed.
CREATE TABLE checkpoint_stamp (
    workspace_id UUID NOT NULL,
    checkpoint_number BIGINT NOT NULL,
    -- As it was sent, byte for byte: a TimeStampResp of RFC 3161.
    token BYTEA NOT NULL,
    -- By the clock of the authority.
    stamped_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, checkpoint_number),
    FOREIGN KEY (workspace_id, checkpoint_number) REFERENCES checkpoint (workspace_id, number)
);

-- One replica signs at a time; the fence tells a new term from an old one.
CREATE TABLE signing_term (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);

INSERT INTO signing_term (id, holder, fence, until) VALUES (1, '', 0, '1970-01-01T00:00:00+00:00');

-- A log that was found to be another than the one that was signed is not signed any more.
CREATE TABLE signing_refusal (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    number BIGINT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    -- The first entry that is wrong, where it can be told.
    first_wrong BIGINT,
    signed_size BIGINT NOT NULL,
    found_size BIGINT NOT NULL,
    refused_at TIMESTAMPTZ NOT NULL,
    resolved_at TIMESTAMPTZ,
    PRIMARY KEY (workspace_id, number)
);

CREATE UNIQUE INDEX signing_refusal_one_open ON signing_refusal (workspace_id)
    WHERE resolved_at IS NULL;

CREATE TRIGGER log_origin_no_change BEFORE UPDATE OR DELETE ON log_origin
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_origin_no_truncate BEFORE TRUNCATE ON log_origin
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE log_origin ENABLE ALWAYS TRIGGER log_origin_no_change;
ALTER TABLE log_origin ENABLE ALWAYS TRIGGER log_origin_no_truncate;

CREATE TRIGGER signing_key_no_change BEFORE UPDATE OR DELETE ON signing_key
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signing_key_no_truncate BEFORE TRUNCATE ON signing_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE signing_key ENABLE ALWAYS TRIGGER signing_key_no_change;
ALTER TABLE signing_key ENABLE ALWAYS TRIGGER signing_key_no_truncate;

CREATE TRIGGER audit_node_no_change BEFORE UPDATE OR DELETE ON audit_node
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_node_no_truncate BEFORE TRUNCATE ON audit_node
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_node ENABLE ALWAYS TRIGGER audit_node_no_change;
ALTER TABLE audit_node ENABLE ALWAYS TRIGGER audit_node_no_truncate;

CREATE TRIGGER checkpoint_no_change BEFORE UPDATE OR DELETE ON checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER checkpoint_no_change;
ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER checkpoint_no_truncate;

CREATE TRIGGER checkpoint_stamp_no_change BEFORE UPDATE OR DELETE ON checkpoint_stamp
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_stamp_no_truncate BEFORE TRUNCATE ON checkpoint_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE checkpoint_stamp ENABLE ALWAYS TRIGGER checkpoint_stamp_no_change;
ALTER TABLE checkpoint_stamp ENABLE ALWAYS TRIGGER checkpoint_stamp_no_truncate;

-- A refusal is resolved once; nothing else about it changes.
CREATE FUNCTION allow_resolving_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.resolved_at IS NULL AND NEW.resolved_at IS NOT NULL
        AND (OLD.workspace_id, OLD.number, OLD.code, OLD.message, OLD.first_wrong,
            OLD.signed_size, OLD.found_size, OLD.refused_at)
            IS NOT DISTINCT FROM (NEW.workspace_id, NEW.number, NEW.code, NEW.message,
            NEW.first_wrong, NEW.signed_size, NEW.found_size, NEW.refused_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'signing_refusal can only be resolved';
END $$;

CREATE TRIGGER signing_refusal_no_change BEFORE UPDATE ON signing_refusal
    FOR EACH ROW EXECUTE FUNCTION allow_resolving_only();
CREATE TRIGGER signing_refusal_no_delete BEFORE DELETE ON signing_refusal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signing_refusal_no_truncate BEFORE TRUNCATE ON signing_refusal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE signing_refusal ENABLE ALWAYS TRIGGER signing_refusal_no_change;
ALTER TABLE signing_refusal ENABLE ALWAYS TRIGGER signing_refusal_no_delete;
ALTER TABLE signing_refusal ENABLE ALWAYS TRIGGER signing_refusal_no_truncate;
