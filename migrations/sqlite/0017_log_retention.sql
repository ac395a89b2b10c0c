-- What stays of the audit log where retention takes something of it: the hashes of entries that go with the
-- stubs of reported runs, which is all that the tree and its proofs need, and one checkpoint a day.

CREATE TABLE audit_tile (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    -- Of 256 neighbours the first.
    first_seq INTEGER NOT NULL CHECK (first_seq >= 0 AND first_seq % 256 = 0),
    -- 32 bytes each, from the first on; fewer than 256 while the log has not come further.
    hashes BLOB NOT NULL CHECK (length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND 8192),
    PRIMARY KEY (workspace_id, first_seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_tile_only_grows BEFORE UPDATE ON audit_tile
WHEN NEW.workspace_id <> OLD.workspace_id OR NEW.first_seq <> OLD.first_seq
    OR length(NEW.hashes) <= length(OLD.hashes)
    OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes
BEGIN SELECT RAISE(ABORT, 'audit_tile only grows'); END;
CREATE TRIGGER audit_tile_no_delete BEFORE DELETE ON audit_tile
BEGIN SELECT RAISE(ABORT, 'audit_tile is append-only'); END;
CREATE TRIGGER audit_tile_no_replace BEFORE INSERT ON audit_tile
WHEN EXISTS (SELECT 1 FROM audit_tile
    WHERE workspace_id = NEW.workspace_id AND first_seq = NEW.first_seq)
BEGIN SELECT RAISE(ABORT, 'audit_tile exists already'); END;

-- An entry goes only with the stub of its run, and only where its hash stays.
DROP TRIGGER audit_entry_no_delete;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
WHEN NOT EXISTS (SELECT 1 FROM run WHERE workspace_id = OLD.workspace_id AND id = OLD.run_id
        AND expired_at IS NOT NULL)
    OR NOT EXISTS (SELECT 1 FROM audit_tile WHERE workspace_id = OLD.workspace_id
        AND first_seq = OLD.seq - OLD.seq % 256
        AND substr(hashes, 1 + 32 * (OLD.seq % 256), 32) = OLD.leaf_hash)
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;

-- A checkpoint may go where a later one of the same day says all that it said, unless an authority
-- stamped it.
DROP TRIGGER checkpoint_no_delete;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint_stamp WHERE workspace_id = OLD.workspace_id
        AND checkpoint_number = OLD.number)
    OR NOT EXISTS (SELECT 1 FROM checkpoint WHERE workspace_id = OLD.workspace_id
        AND number > OLD.number AND epoch = OLD.epoch
        AND substr(signed_at, 1, 10) = substr(OLD.signed_at, 1, 10))
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
