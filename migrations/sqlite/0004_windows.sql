-- The periods that auditors may look into.

CREATE TABLE auditor_window (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    from_day TEXT NOT NULL,
    -- The day after the last.
    until_day TEXT NOT NULL,
    granted_by BLOB,
    granted_at TEXT NOT NULL,
    revoked_by BLOB,
    revoked_at TEXT,
    CHECK (from_day < until_day),
    CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL),
    FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX auditor_window_member ON auditor_window (workspace_id, member_id, from_day);

-- A window is revoked once; nothing else about it changes.
CREATE TRIGGER auditor_window_no_change BEFORE UPDATE ON auditor_window
WHEN OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
    OR OLD.id IS NOT NEW.id OR OLD.workspace_id IS NOT NEW.workspace_id
    OR OLD.member_id IS NOT NEW.member_id OR OLD.from_day IS NOT NEW.from_day
    OR OLD.until_day IS NOT NEW.until_day OR OLD.granted_by IS NOT NEW.granted_by
    OR OLD.granted_at IS NOT NEW.granted_at
BEGIN SELECT RAISE(ABORT, 'auditor_window can only be revoked'); END;
CREATE TRIGGER auditor_window_no_delete BEFORE DELETE ON auditor_window
BEGIN SELECT RAISE(ABORT, 'auditor_window can only be revoked'); END;
CREATE TRIGGER auditor_window_no_replace BEFORE INSERT ON auditor_window
WHEN EXISTS (SELECT 1 FROM auditor_window WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'auditor_window exists already'); END;
