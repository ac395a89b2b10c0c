-- The periods that auditors may look into.

CREATE TABLE auditor_window (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    member_id UUID NOT NULL,
    from_day DATE NOT NULL,
    -- The day after the last.
    until_day DATE NOT NULL,
    granted_by UUID,
    granted_at TIMESTAMPTZ NOT NULL,
    revoked_by UUID,
    revoked_at TIMESTAMPTZ,
    CHECK (from_day < until_day),
    CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL),
    FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id)
);

CREATE INDEX auditor_window_member ON auditor_window (workspace_id, member_id, from_day);

-- A window is revoked once; nothing else about it changes.
CREATE FUNCTION allow_revoking_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL
        AND (OLD.id, OLD.workspace_id, OLD.member_id, OLD.from_day, OLD.until_day,
            OLD.granted_by, OLD.granted_at)
            IS NOT DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.member_id, NEW.from_day,
            NEW.until_day, NEW.granted_by, NEW.granted_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'auditor_window can only be revoked';
END $$;

CREATE TRIGGER auditor_window_no_change BEFORE UPDATE ON auditor_window
    FOR EACH ROW EXECUTE FUNCTION allow_revoking_only();
CREATE TRIGGER auditor_window_no_delete BEFORE DELETE ON auditor_window
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER auditor_window_no_truncate BEFORE TRUNCATE ON auditor_window
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE auditor_window ENABLE ALWAYS TRIGGER auditor_window_no_change;
ALTER TABLE auditor_window ENABLE ALWAYS TRIGGER auditor_window_no_delete;
ALTER TABLE auditor_window ENABLE ALWAYS TRIGGER auditor_window_no_truncate;
