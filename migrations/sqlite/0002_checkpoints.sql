-- Signed checkpoints of the audit logs, and who signs them.

-- The name of a log, fixed when it is first signed: <instance host>/ws/<workspace>.
CREATE TABLE log_origin (
    workspace_id BLOB NOT NULL PRIMARY KEY REFERENCES workspace (id),
    origin TEXT NOT NULL UNIQUE,
    fixed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The public keys a log was ever signed with. The secret ones are never in the database.
CREATE TABLE signing_key (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    number INTEGER NOT NULL,
    vkey TEXT NOT NULL,
    -- Where the secret half is kept.
    custody TEXT NOT NULL CHECK (custody IN ('file', 'credential')),
    added_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, number),
    UNIQUE (workspace_id, vkey)
) STRICT, WITHOUT ROWID;

-- Complete nodes of the tree at levels 8, 16, 24 …, so that a proof reads a few rows and not the log.
-- A new epoch begins when the host accepts a log that is not the one that was signed.
CREATE TABLE audit_node (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    epoch INTEGER NOT NULL,
    level INTEGER NOT NULL CHECK (level > 0 AND level % 8 = 0),
    position INTEGER NOT NULL CHECK (position >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (workspace_id, epoch, level, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    workspace_id BLOB NOT NULL REFERENCES log_origin (workspace_id),
    number INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    -- The signed text, byte for byte.
    note TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX checkpoint_size ON checkpoint (workspace_id, size, number);
CREATE INDEX checkpoint_signed ON checkpoint (workspace_id, signed_at, number);

-- What an independent authority says about when a checkpoint existed.
CREATE TABLE checkpoint_stamp (
    workspace_id BLOB NOT NULL,
    checkpoint_number INTEGER NOT NULL,
    -- As it was sent, byte for byte: a TimeStampResp of RFC 3161.
    token BLOB NOT NULL,
    -- By the clock of the authority.
    stamped_at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, checkpoint_number),
    FOREIGN KEY (workspace_id, checkpoint_number) REFERENCES checkpoint (workspace_id, number)
) STRICT, WITHOUT ROWID;

-- One replica signs at a time; the fence tells a new term from an old one.
CREATE TABLE signing_term (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL,
    fence INTEGER NOT NULL,
    until TEXT NOT NULL
) STRICT;

INSERT INTO signing_term (id, holder, fence, until) VALUES (1, '', 0, '1970-01-01T00:00:00+00:00');

-- A log that was found to be another than the one that was signed is not signed any more.
CREATE TABLE signing_refusal (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    -- The first entry that is wrong, where it can be told.
    first_wrong INTEGER,
    signed_size INTEGER NOT NULL,
    found_size INTEGER NOT NULL,
    refused_at TEXT NOT NULL,
    resolved_at TEXT,
    PRIMARY KEY (workspace_id, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX signing_refusal_one_open ON signing_refusal (workspace_id)
    WHERE resolved_at IS NULL;

CREATE TRIGGER log_origin_no_update BEFORE UPDATE ON log_origin
BEGIN SELECT RAISE(ABORT, 'log_origin is append-only'); END;
CREATE TRIGGER log_origin_no_delete BEFORE DELETE ON log_origin
BEGIN SELECT RAISE(ABORT, 'log_origin is append-only'); END;
CREATE TRIGGER log_origin_no_replace BEFORE INSERT ON log_origin
WHEN EXISTS (SELECT 1 FROM log_origin
    WHERE workspace_id = NEW.workspace_id OR origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, 'log_origin exists already'); END;

CREATE TRIGGER signing_key_no_update BEFORE UPDATE ON signing_key
BEGIN SELECT RAISE(ABORT, 'signing_key is append-only'); END;
CREATE TRIGGER signing_key_no_delete BEFORE DELETE ON signing_key
BEGIN SELECT RAISE(ABORT, 'signing_key is append-only'); END;
CREATE TRIGGER signing_key_no_replace BEFORE INSERT ON signing_key
WHEN EXISTS (SELECT 1 FROM signing_key
    WHERE workspace_id = NEW.workspace_id AND (number = NEW.number OR vkey = NEW.vkey))
BEGIN SELECT RAISE(ABORT, 'signing_key exists already'); END;

CREATE TRIGGER audit_node_no_update BEFORE UPDATE ON audit_node
BEGIN SELECT RAISE(ABORT, 'audit_node is append-only'); END;
CREATE TRIGGER audit_node_no_delete BEFORE DELETE ON audit_node
BEGIN SELECT RAISE(ABORT, 'audit_node is append-only'); END;
CREATE TRIGGER audit_node_no_replace BEFORE INSERT ON audit_node
WHEN EXISTS (SELECT 1 FROM audit_node WHERE workspace_id = NEW.workspace_id
    AND epoch = NEW.epoch AND level = NEW.level AND position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'audit_node exists already'); END;

CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER checkpoint_no_replace BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint
    WHERE workspace_id = NEW.workspace_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'checkpoint exists already'); END;

CREATE TRIGGER checkpoint_stamp_no_update BEFORE UPDATE ON checkpoint_stamp
BEGIN SELECT RAISE(ABORT, 'checkpoint_stamp is append-only'); END;
CREATE TRIGGER checkpoint_stamp_no_delete BEFORE DELETE ON checkpoint_stamp
BEGIN SELECT RAISE(ABORT, 'checkpoint_stamp is append-only'); END;
CREATE TRIGGER checkpoint_stamp_no_replace BEFORE INSERT ON checkpoint_stamp
WHEN EXISTS (SELECT 1 FROM checkpoint_stamp WHERE workspace_id = NEW.workspace_id
    AND checkpoint_number = NEW.checkpoint_number)
BEGIN SELECT RAISE(ABORT, 'checkpoint_stamp exists already'); END;

-- A refusal is resolved once; nothing else about it changes.
CREATE TRIGGER signing_refusal_no_change BEFORE UPDATE ON signing_refusal
WHEN OLD.resolved_at IS NOT NULL OR NEW.resolved_at IS NULL
    OR OLD.workspace_id IS NOT NEW.workspace_id OR OLD.number IS NOT NEW.number
    OR OLD.code IS NOT NEW.code OR OLD.message IS NOT NEW.message
    OR OLD.first_wrong IS NOT NEW.first_wrong OR OLD.signed_size IS NOT NEW.signed_size
    OR OLD.found_size IS NOT NEW.found_size OR OLD.refused_at IS NOT NEW.refused_at
BEGIN SELECT RAISE(ABORT, 'signing_refusal can only be resolved'); END;
CREATE TRIGGER signing_refusal_no_delete BEFORE DELETE ON signing_refusal
BEGIN SELECT RAISE(ABORT, 'signing_refusal can only be resolved'); END;
CREATE TRIGGER signing_refusal_no_replace BEFORE INSERT ON signing_refusal
WHEN EXISTS (SELECT 1 FROM signing_refusal WHERE workspace_id = NEW.workspace_id
    AND (number = NEW.number OR (resolved_at IS NULL AND NEW.resolved_at IS NULL)))
BEGIN SELECT RAISE(ABORT, 'signing_refusal exists already'); END;
