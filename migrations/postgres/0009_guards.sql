-- What holds automations back: kill switches and budgets.

-- Kill switches ----------------------------------------------------------------------------------

-- One row for each time one was pressed.
CREATE TABLE kill_switch (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    -- What it stops: this automation, or without one the whole workspace.
    automation_id UUID,
    reason TEXT NOT NULL CHECK (reason <> ''),
    pressed_by UUID,
    pressed_at TIMESTAMPTZ NOT NULL,
    released_by UUID,
    released_at TIMESTAMPTZ,
    release_reason TEXT,
    CHECK ((released_at IS NULL) = (release_reason IS NULL)),
    CHECK (released_by IS NULL OR released_at IS NOT NULL),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
);

CREATE INDEX kill_switch_list ON kill_switch (workspace_id, pressed_at, id);
CREATE UNIQUE INDEX kill_switch_of_workspace ON kill_switch (workspace_id)
    WHERE released_at IS NULL AND automation_id IS NULL;
CREATE UNIQUE INDEX kill_switch_of_automation ON kill_switch (workspace_id, automation_id)
    WHERE released_at IS NULL AND automation_id IS NOT NULL;

-- A switch is released once; nothing else about it changes.
CREATE FUNCTION allow_releasing_a_switch_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL
        AND (OLD.id, OLD.workspace_id, OLD.automation_id, OLD.reason, OLD.pressed_by, OLD.pressed_at)
            IS NOT DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.automation_id, NEW.reason,
            NEW.pressed_by, NEW.pressed_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'kill_switch can only be released';
END $$;

CREATE TRIGGER kill_switch_no_change BEFORE UPDATE ON kill_switch
    FOR EACH ROW EXECUTE FUNCTION allow_releasing_a_switch_only();
CREATE TRIGGER kill_switch_no_delete BEFORE DELETE ON kill_switch
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kill_switch_no_truncate BEFORE TRUNCATE ON kill_switch
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE kill_switch ENABLE ALWAYS TRIGGER kill_switch_no_change;
ALTER TABLE kill_switch ENABLE ALWAYS TRIGGER kill_switch_no_delete;
ALTER TABLE kill_switch ENABLE ALWAYS TRIGGER kill_switch_no_truncate;

-- What an event would have set off had no switch been pressed. Nothing makes up for it.
CREATE TABLE refused_firing (
    workspace_id UUID NOT NULL,
    trigger_event_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    kill_switch_id UUID NOT NULL REFERENCES kill_switch (id),
    PRIMARY KEY (trigger_event_id, automation_id),
    FOREIGN KEY (workspace_id, trigger_event_id) REFERENCES trigger_event (workspace_id, id),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
);

CREATE INDEX refused_firing_switch ON refused_firing (kill_switch_id, trigger_event_id);

ALTER TABLE run ADD COLUMN killed_at TIMESTAMPTZ;
ALTER TABLE run ADD COLUMN kill_switch_id UUID REFERENCES kill_switch (id);

CREATE INDEX run_kill_switch ON run (kill_switch_id) WHERE kill_switch_id IS NOT NULL;

-- Budgets ----------------------------------------------------------------------------------------
-- Amounts are thousand-millionths of a US dollar.

-- What an automation has spent in a period: one row, so that all who spend wait for each other.
CREATE TABLE budget_period (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    every TEXT NOT NULL CHECK (every IN ('day', 'week', 'month', 'quarter')),
    begins DATE NOT NULL,
    -- Of the version under which something was last reserved.
    ceiling BIGINT NOT NULL CHECK (ceiling > 0),
    spent BIGINT NOT NULL CHECK (spent >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    -- What receivers reported beyond what had been reserved for it.
    overrun BIGINT NOT NULL CHECK (overrun >= 0),
    CHECK (spent + reserved <= ceiling),
    PRIMARY KEY (workspace_id, automation_id, every, begins),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
);

-- What an item has cost, and what is reserved for it in which period.
CREATE TABLE item_cost (
    workspace_id UUID NOT NULL,
    item_id UUID NOT NULL,
    run_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    every TEXT,
    begins DATE,
    spent BIGINT NOT NULL CHECK (spent >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    PRIMARY KEY (workspace_id, item_id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
);

-- Null where the definition estimates no cost.
ALTER TABLE run ADD COLUMN cost_spent BIGINT;
ALTER TABLE run ADD COLUMN cost_reserved BIGINT;
ALTER TABLE run ADD COLUMN cost_overrun BIGINT;
