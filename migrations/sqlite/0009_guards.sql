-- What holds automations back: kill switches and budgets.

-- Kill switches ----------------------------------------------------------------------------------

-- One row for each time one was pressed.
CREATE TABLE kill_switch (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    -- What it stops: this automation, or without one the whole workspace.
    automation_id BLOB,
    reason TEXT NOT NULL CHECK (reason <> ''),
    pressed_by BLOB,
    pressed_at TEXT NOT NULL,
    released_by BLOB,
    released_at TEXT,
    release_reason TEXT,
    CHECK ((released_at IS NULL) = (release_reason IS NULL)),
    CHECK (released_by IS NULL OR released_at IS NOT NULL),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX kill_switch_list ON kill_switch (workspace_id, pressed_at, id);
CREATE UNIQUE INDEX kill_switch_of_workspace ON kill_switch (workspace_id)
    WHERE released_at IS NULL AND automation_id IS NULL;
CREATE UNIQUE INDEX kill_switch_of_automation ON kill_switch (workspace_id, automation_id)
    WHERE released_at IS NULL AND automation_id IS NOT NULL;

-- A switch is released once; nothing else about it changes.
CREATE TRIGGER kill_switch_no_change BEFORE UPDATE ON kill_switch
WHEN OLD.released_at IS NOT NULL OR NEW.released_at IS NULL
    OR OLD.id IS NOT NEW.id OR OLD.workspace_id IS NOT NEW.workspace_id
    OR OLD.automation_id IS NOT NEW.automation_id OR OLD.reason IS NOT NEW.reason
    OR OLD.pressed_by IS NOT NEW.pressed_by OR OLD.pressed_at IS NOT NEW.pressed_at
BEGIN SELECT RAISE(ABORT, 'kill_switch can only be released'); END;
CREATE TRIGGER kill_switch_no_delete BEFORE DELETE ON kill_switch
BEGIN SELECT RAISE(ABORT, 'kill_switch can only be released'); END;
CREATE TRIGGER kill_switch_no_replace BEFORE INSERT ON kill_switch
WHEN EXISTS (SELECT 1 FROM kill_switch WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'kill_switch exists already'); END;

-- What an event would have set off had no switch been pressed. Nothing makes up for it.
CREATE TABLE refused_firing (
    workspace_id BLOB NOT NULL,
    trigger_event_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    kill_switch_id BLOB NOT NULL REFERENCES kill_switch (id),
    PRIMARY KEY (trigger_event_id, automation_id),
    FOREIGN KEY (workspace_id, trigger_event_id) REFERENCES trigger_event (workspace_id, id),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX refused_firing_switch ON refused_firing (kill_switch_id, trigger_event_id);

ALTER TABLE run ADD COLUMN killed_at TEXT;
ALTER TABLE run ADD COLUMN kill_switch_id BLOB REFERENCES kill_switch (id);

CREATE INDEX run_kill_switch ON run (kill_switch_id) WHERE kill_switch_id IS NOT NULL;

-- Budgets ----------------------------------------------------------------------------------------
-- Amounts are thousand-millionths of a US dollar.

-- What an automation has spent in a period: one row, so that all who spend wait for each other.
CREATE TABLE budget_period (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    every TEXT NOT NULL CHECK (every IN ('day', 'week', 'month', 'quarter')),
    begins TEXT NOT NULL,
    -- Of the version under which something was last reserved.
    ceiling INTEGER NOT NULL CHECK (ceiling > 0),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    -- What receivers reported beyond what had been reserved for it.
    overrun INTEGER NOT NULL CHECK (overrun >= 0),
    CHECK (spent + reserved <= ceiling),
    PRIMARY KEY (workspace_id, automation_id, every, begins),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
) STRICT, WITHOUT ROWID;

-- What an item has cost, and what is reserved for it in which period.
CREATE TABLE item_cost (
    workspace_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    every TEXT,
    begins TEXT,
    spent INTEGER NOT NULL CHECK (spent >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    PRIMARY KEY (workspace_id, item_id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
) STRICT, WITHOUT ROWID;

-- Null where the definition estimates no cost.
ALTER TABLE run ADD COLUMN cost_spent INTEGER;
ALTER TABLE run ADD COLUMN cost_reserved INTEGER;
ALTER TABLE run ADD COLUMN cost_overrun INTEGER;
