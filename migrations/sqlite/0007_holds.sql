-- Legal holds: what must not be erased until the hold is released.

CREATE TABLE hold (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    -- What it keeps: one of these, the runs of some days, or the whole workspace.
    automation_id BLOB,
    run_id BLOB,
    from_day TEXT,
    -- The day after the last.
    until_day TEXT,
    reason TEXT NOT NULL CHECK (reason <> ''),
    placed_by BLOB,
    placed_at TEXT NOT NULL,
    released_by BLOB,
    released_at TEXT,
    release_reason TEXT,
    CHECK (automation_id IS NULL OR run_id IS NULL),
    CHECK ((from_day IS NULL) = (until_day IS NULL)),
    CHECK (from_day IS NULL OR (automation_id IS NULL AND run_id IS NULL AND from_day < until_day)),
    CHECK ((released_at IS NULL) = (release_reason IS NULL)),
    CHECK (released_by IS NULL OR released_at IS NOT NULL),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hold_workspace ON hold (workspace_id, placed_at, id);

-- A hold is released once; nothing else about it changes.
CREATE TRIGGER hold_no_change BEFORE UPDATE ON hold
WHEN OLD.released_at IS NOT NULL OR NEW.released_at IS NULL
    OR OLD.id IS NOT NEW.id OR OLD.workspace_id IS NOT NEW.workspace_id
    OR OLD.automation_id IS NOT NEW.automation_id OR OLD.run_id IS NOT NEW.run_id
    OR OLD.from_day IS NOT NEW.from_day OR OLD.until_day IS NOT NEW.until_day
    OR OLD.reason IS NOT NEW.reason OR OLD.placed_by IS NOT NEW.placed_by
    OR OLD.placed_at IS NOT NEW.placed_at
BEGIN SELECT RAISE(ABORT, 'hold can only be released'); END;
CREATE TRIGGER hold_no_delete BEFORE DELETE ON hold
BEGIN SELECT RAISE(ABORT, 'hold can only be released'); END;
CREATE TRIGGER hold_no_replace BEFORE INSERT ON hold
WHEN EXISTS (SELECT 1 FROM hold WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'hold exists already'); END;
