-- What stays of the audit log where retention takes something of it: the hashes of entries that go with the
-- stubs of reported runs, which is all that the tree and its proofs need, and one checkpoint a day.

CREATE TABLE audit_tile (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    -- Of 256 neighbours the first.
    first_seq BIGINT NOT NULL CHECK (first_seq >= 0 AND first_seq % 256 = 0),
    -- 32 bytes each, from the first on; fewer than 256 while the log has not come further.
    hashes BYTEA NOT NULL CHECK (length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND 8192),
    PRIMARY KEY (workspace_id, first_seq)
);
-- Hashes do not get smaller by compression.
ALTER TABLE audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE FUNCTION allow_growing_tiles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.workspace_id = OLD.workspace_id AND NEW.first_seq = OLD.first_seq
        AND length(NEW.hashes) > length(OLD.hashes)
        AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_tile only grows';
END $$;

CREATE TRIGGER audit_tile_no_change BEFORE UPDATE OR DELETE ON audit_tile
    FOR EACH ROW EXECUTE FUNCTION allow_growing_tiles();
CREATE TRIGGER audit_tile_no_truncate BEFORE TRUNCATE ON audit_tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_tile ENABLE ALWAYS TRIGGER audit_tile_no_change;
ALTER TABLE audit_tile ENABLE ALWAYS TRIGGER audit_tile_no_truncate;

-- An entry goes only with the stub of its run, and only where its hash stays.

CREATE FUNCTION allow_removing_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        AND EXISTS (SELECT 1 FROM run WHERE workspace_id = OLD.workspace_id AND id = OLD.run_id
            AND expired_at IS NOT NULL)
        AND EXISTS (SELECT 1 FROM audit_tile WHERE workspace_id = OLD.workspace_id
            AND first_seq = OLD.seq - OLD.seq % 256
            AND substr(hashes, (1 + 32 * (OLD.seq % 256))::integer, 32) = OLD.leaf_hash) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DROP TRIGGER audit_entry_no_change ON audit_entry;
CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION allow_removing_entries();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_change;

-- What was said to be dense stays so: nothing is put where a hash stands.
CREATE FUNCTION refuse_filling_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added_entries n JOIN audit_tile t ON t.workspace_id = n.workspace_id
        AND t.first_seq = n.seq - n.seq % 256 AND n.seq < t.first_seq + length(t.hashes) / 32) THEN
        RAISE EXCEPTION 'audit_entry is dense and append-only';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER audit_entry_no_filling AFTER INSERT ON audit_entry
    REFERENCING NEW TABLE AS added_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_filling_audit();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_filling;

-- A checkpoint may go where a later one of the same day says all that it said, unless an authority
-- stamped it.

CREATE FUNCTION allow_thinning_checkpoints() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        AND NOT EXISTS (SELECT 1 FROM checkpoint_stamp WHERE workspace_id = OLD.workspace_id
            AND checkpoint_number = OLD.number)
        AND EXISTS (SELECT 1 FROM checkpoint WHERE workspace_id = OLD.workspace_id
            AND number > OLD.number AND epoch = OLD.epoch
            AND (signed_at AT TIME ZONE 'UTC')::date = (OLD.signed_at AT TIME ZONE 'UTC')::date) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DROP TRIGGER checkpoint_no_change ON checkpoint;
CREATE TRIGGER checkpoint_no_change BEFORE UPDATE OR DELETE ON checkpoint
    FOR EACH ROW EXECUTE FUNCTION allow_thinning_checkpoints();
ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER checkpoint_no_change;
