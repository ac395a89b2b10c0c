-- How long things are kept, and what became of what was kept long enough.

-- Every change of a policy is a row of its own; the last one holds.
CREATE TABLE retention_policy (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    number INTEGER NOT NULL CHECK (number > 0),
    -- Without one it is what holds for every automation that has none of its own.
    automation_id BLOB,
    -- JSON; null takes back what was set before.
    policy TEXT,
    set_by BLOB,
    set_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, number),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER retention_policy_no_update BEFORE UPDATE ON retention_policy
BEGIN SELECT RAISE(ABORT, 'retention_policy is append-only'); END;
CREATE TRIGGER retention_policy_no_delete BEFORE DELETE ON retention_policy
BEGIN SELECT RAISE(ABORT, 'retention_policy is append-only'); END;
CREATE TRIGGER retention_policy_no_replace BEFORE INSERT ON retention_policy
WHEN EXISTS (SELECT 1 FROM retention_policy
    WHERE workspace_id = NEW.workspace_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'retention_policy exists already'); END;

ALTER TABLE run ADD COLUMN pruned_at TEXT;
ALTER TABLE run ADD COLUMN pruned_under TEXT;
-- While the detail of a pruned run goes: the position of the first item that still has its own.
ALTER TABLE run ADD COLUMN emptied_to INTEGER;
-- Set in the transaction that removes the stub of a reported run.
ALTER TABLE run ADD COLUMN expired_at TEXT;

-- The runs of an automation that have ended and still have their detail, oldest end first.
CREATE INDEX run_kept ON run (workspace_id, automation_id, completed_order, id, status, trigger_kind)
    WHERE pruned_at IS NULL AND completed_at IS NOT NULL;
CREATE INDEX run_emptying ON run (workspace_id, id) WHERE emptied_to IS NOT NULL;
-- The stubs, which may be removed of reported runs, and are counted of all.
CREATE INDEX run_stub ON run (workspace_id, automation_id, completed_order, id)
    WHERE pruned_at IS NOT NULL;

-- Passing the fences ------------------------------------------------------------------------------
-- A run is pruned once, after it ended, unless a hold keeps it, and never without an entry in the log
-- that says so. Only then do the fences around its detail open, and for that run alone. Entries of a run
-- are few and those with the verb are many, whatever was counted last: no index over verbs finds `verb || ''`.

CREATE TRIGGER run_pruned_once BEFORE UPDATE OF pruned_at, pruned_under ON run
WHEN OLD.pruned_at IS NOT NULL OR NEW.pruned_at IS NULL OR NEW.pruned_under IS NULL
    OR OLD.completed_at IS NULL
    OR NOT EXISTS (SELECT 1 FROM audit_entry WHERE workspace_id = OLD.workspace_id
        AND run_id = OLD.id AND verb || '' = 'run.pruned')
    OR EXISTS (SELECT 1 FROM hold WHERE workspace_id = OLD.workspace_id AND released_at IS NULL
        AND (automation_id IS NULL OR automation_id = OLD.automation_id)
        AND (run_id IS NULL OR run_id = OLD.id)
        AND (from_day IS NULL OR (substr(OLD.started_order, 1, 10) < until_day
            AND substr(OLD.completed_order, 1, 10) >= from_day)))
BEGIN SELECT RAISE(ABORT, 'a run is pruned once, with an entry and under no hold'); END;
CREATE TRIGGER run_begins_unpruned BEFORE INSERT ON run
WHEN NEW.pruned_at IS NOT NULL OR NEW.expired_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a run is pruned once, with an entry and under no hold'); END;

DROP TRIGGER attempt_no_delete;
CREATE TRIGGER attempt_no_delete BEFORE DELETE ON attempt
WHEN NOT EXISTS (SELECT 1 FROM run WHERE id = OLD.run_id AND pruned_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;

DROP TRIGGER effect_no_delete;
CREATE TRIGGER effect_no_delete BEFORE DELETE ON effect
WHEN NOT EXISTS (SELECT 1 FROM run_item i JOIN run r ON r.id = i.run_id
    WHERE i.workspace_id = OLD.workspace_id AND i.id = OLD.item_id AND r.pruned_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'effect is append-only'); END;

-- The stub of a reported run may go with what was written about it, once all detail went, unless a hold
-- keeps it or ever named it.

CREATE TRIGGER run_expired_once BEFORE UPDATE OF expired_at ON run
WHEN OLD.expired_at IS NOT NULL OR OLD.pruned_at IS NULL OR OLD.emptied_to IS NOT NULL
    OR OLD.trigger_kind <> 'reported'
    OR EXISTS (SELECT 1 FROM hold WHERE workspace_id = OLD.workspace_id
        AND (run_id = OLD.id OR (released_at IS NULL AND run_id IS NULL
            AND (automation_id IS NULL OR automation_id = OLD.automation_id)
            AND (from_day IS NULL OR (substr(OLD.started_order, 1, 10) < until_day
                AND substr(OLD.completed_order, 1, 10) >= from_day)))))
BEGIN SELECT RAISE(ABORT, 'a stub goes once, of a reported run and under no hold'); END;
CREATE TRIGGER run_no_delete BEFORE DELETE ON run WHEN OLD.expired_at IS NULL
BEGIN SELECT RAISE(ABORT, 'a stub goes once, of a reported run and under no hold'); END;

DROP TRIGGER run_report_no_delete;
CREATE TRIGGER run_report_no_delete BEFORE DELETE ON run_report
WHEN NOT EXISTS (SELECT 1 FROM run WHERE id = OLD.run_id AND expired_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'run_report is append-only'); END;

DROP TRIGGER incident_no_delete;
CREATE TRIGGER incident_no_delete BEFORE DELETE ON incident
WHEN NOT EXISTS (SELECT 1 FROM run WHERE id = OLD.run_id AND expired_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'incident is append-only'); END;

DROP TRIGGER incident_settlement_no_delete;
CREATE TRIGGER incident_settlement_no_delete BEFORE DELETE ON incident_settlement
WHEN NOT EXISTS (SELECT 1 FROM incident i JOIN run r ON r.id = i.run_id
    WHERE i.id = OLD.incident_id AND r.expired_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'incident_settlement is append-only'); END;

-- A delivery that has ended may go with its attempts, once it is marked.
ALTER TABLE delivery ADD COLUMN expired_at TEXT;
CREATE INDEX delivery_ended ON delivery (ended_at, id) WHERE due_at IS NULL AND ended_at IS NOT NULL;

CREATE TRIGGER delivery_expired_after_its_end BEFORE UPDATE OF expired_at ON delivery
WHEN OLD.expired_at IS NOT NULL OR OLD.state NOT IN ('delivered', 'failed')
BEGIN SELECT RAISE(ABORT, 'a delivery expires once, after its end'); END;

DROP TRIGGER delivery_attempt_no_delete;
CREATE TRIGGER delivery_attempt_no_delete BEFORE DELETE ON delivery_attempt
WHEN NOT EXISTS (SELECT 1 FROM delivery WHERE id = OLD.delivery_id AND expired_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'delivery_attempt is append-only'); END;

-- What is swept, and what it weighs ------------------------------------------------------------------

CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX sign_in_link_expiry ON sign_in_link (expires_at);
CREATE INDEX idempotency_key_oldest ON idempotency_key (created_at);

-- The one row about the sweeps of all processes.
CREATE TABLE sweep (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- When nothing was left to do.
    finished_at TEXT,
    -- The last trigger event that was looked at because of its age.
    events_to BLOB,
    -- Runs pruned since the instance began.
    runs INTEGER NOT NULL,
    -- Stubs removed since then.
    stubs INTEGER NOT NULL
) STRICT;

INSERT INTO sweep (id, finished_at, events_to, runs, stubs) VALUES (1, NULL, NULL, 0, 0);

-- What each table weighed on a day, its indexes included.
CREATE TABLE storage_sample (
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;
