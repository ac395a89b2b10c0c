-- Legal holds: what must not be erased until the hold is released.

CREATE TABLE hold (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    -- What it keeps: one of these, the runs of some days, or the whole workspace.
    automation_id UUID,
    run_id UUID,
    from_day DATE,
    -- The day after the last.
    until_day DATE,
    reason TEXT NOT NULL CHECK (reason <> ''),
    placed_by UUID,
    placed_at TIMESTAMPTZ NOT NULL,
    released_by UUID,
    released_at TIMESTAMPTZ,
    release_reason TEXT,
    CHECK (automation_id IS NULL OR run_id IS NULL),
    CHECK ((from_day IS NULL) = (until_day IS NULL)),
    CHECK (from_day IS NULL OR (automation_id IS NULL AND run_id IS NULL AND from_day < until_day)),
    CHECK ((released_at IS NULL) = (release_reason IS NULL)),
    CHECK (released_by IS NULL OR released_at IS NOT NULL),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id)
);

CREATE INDEX hold_workspace ON hold (workspace_id, placed_at, id);

-- A hold is released once; nothing else about it changes.
CREATE FUNCTION allow_releasing_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL
        AND (OLD.id, OLD.workspace_id, OLD.automation_id, OLD.run_id, OLD.from_day, OLD.until_day,
            OLD.reason, OLD.placed_by, OLD.placed_at)
            IS NOT DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.automation_id, NEW.run_id,
            NEW.from_day, NEW.until_day, NEW.reason, NEW.placed_by, NEW.placed_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'hold can only be released';
END $$;

CREATE TRIGGER hold_no_change BEFORE UPDATE ON hold
    FOR EACH ROW EXECUTE FUNCTION allow_releasing_only();
CREATE TRIGGER hold_no_delete BEFORE DELETE ON hold
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hold_no_truncate BEFORE TRUNCATE ON hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE hold ENABLE ALWAYS TRIGGER hold_no_change;
ALTER TABLE hold ENABLE ALWAYS TRIGGER hold_no_delete;
ALTER TABLE hold ENABLE ALWAYS TRIGGER hold_no_truncate;
