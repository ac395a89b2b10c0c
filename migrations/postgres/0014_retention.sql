-- How long things are kept, and what became of what was kept long enough.

-- Every change of a policy is a row of its own; the last one holds.
CREATE TABLE retention_policy (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    number BIGINT NOT NULL CHECK (number > 0),
    -- Without one it is what holds for every automation that has none of its own.
    automation_id UUID,
    -- JSON; null takes back what was set before.
    policy TEXT,
    set_by UUID,
    set_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, number),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
);

CREATE TRIGGER retention_policy_no_change BEFORE UPDATE OR DELETE ON retention_policy
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_policy_no_truncate BEFORE TRUNCATE ON retention_policy
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE retention_policy ENABLE ALWAYS TRIGGER retention_policy_no_change;
ALTER TABLE retention_policy ENABLE ALWAYS TRIGGER retention_policy_no_truncate;

ALTER TABLE run ADD COLUMN pruned_at TIMESTAMPTZ;
ALTER TABLE run ADD COLUMN pruned_under TEXT;
-- While the detail of a pruned run goes: the position of the first item that still has its own.
ALTER TABLE run ADD COLUMN emptied_to BIGINT;
-- Set in the transaction that removes the stub of a reported run.
ALTER TABLE run ADD COLUMN expired_at TIMESTAMPTZ;

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

CREATE FUNCTION allow_pruning_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.pruned_at IS NOT NULL OR NEW.pruned_at IS NULL OR NEW.pruned_under IS NULL
        OR OLD.completed_at IS NULL
        OR NOT EXISTS (SELECT 1 FROM audit_entry WHERE workspace_id = OLD.workspace_id
            AND run_id = OLD.id AND verb || '' = 'run.pruned')
        OR EXISTS (SELECT 1 FROM hold WHERE workspace_id = OLD.workspace_id
            AND released_at IS NULL
            AND (automation_id IS NULL OR automation_id = OLD.automation_id)
            AND (run_id IS NULL OR run_id = OLD.id)
            AND (from_day IS NULL
                OR (OLD.started_order < until_day::timestamp AT TIME ZONE 'UTC'
                    AND OLD.completed_order >= from_day::timestamp AT TIME ZONE 'UTC'))) THEN
        RAISE EXCEPTION 'a run is pruned once, with an entry and under no hold';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER run_pruned_once BEFORE UPDATE OF pruned_at, pruned_under ON run
    FOR EACH ROW EXECUTE FUNCTION allow_pruning_once();
ALTER TABLE run ENABLE ALWAYS TRIGGER run_pruned_once;

CREATE FUNCTION refuse_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a run is pruned once, with an entry and under no hold';
END $$;

CREATE TRIGGER run_begins_unpruned BEFORE INSERT ON run
    FOR EACH ROW WHEN (NEW.pruned_at IS NOT NULL OR NEW.expired_at IS NOT NULL)
    EXECUTE FUNCTION refuse_pruned();
ALTER TABLE run ENABLE ALWAYS TRIGGER run_begins_unpruned;

-- The mark is asked of the one run, not looked for among all that have one.

CREATE FUNCTION allow_pruning_attempts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND (SELECT pruned_at FROM run WHERE id = OLD.run_id) IS NOT NULL THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DROP TRIGGER attempt_no_change ON attempt;
CREATE TRIGGER attempt_no_change BEFORE UPDATE OR DELETE ON attempt
    FOR EACH ROW EXECUTE FUNCTION allow_pruning_attempts();
ALTER TABLE attempt ENABLE ALWAYS TRIGGER attempt_no_change;

CREATE FUNCTION allow_pruning_effects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND (SELECT r.pruned_at FROM run_item i JOIN run r ON r.id = i.run_id
        WHERE i.workspace_id = OLD.workspace_id AND i.id = OLD.item_id) IS NOT NULL THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DROP TRIGGER effect_no_change ON effect;
CREATE TRIGGER effect_no_change BEFORE UPDATE OR DELETE ON effect
    FOR EACH ROW EXECUTE FUNCTION allow_pruning_effects();
ALTER TABLE effect ENABLE ALWAYS TRIGGER effect_no_change;

-- The stub of a reported run may go with what was written about it, once all detail went, unless a hold
-- keeps it or ever named it.

CREATE FUNCTION allow_removing_stubs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.expired_at IS NOT NULL THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.expired_at IS NULL AND OLD.pruned_at IS NOT NULL AND OLD.emptied_to IS NULL
        AND OLD.trigger_kind = 'reported'
        AND NOT EXISTS (SELECT 1 FROM hold WHERE workspace_id = OLD.workspace_id
            AND (run_id = OLD.id OR (released_at IS NULL AND run_id IS NULL
                AND (automation_id IS NULL OR automation_id = OLD.automation_id)
                AND (from_day IS NULL
                    OR (OLD.started_order < until_day::timestamp AT TIME ZONE 'UTC'
                        AND OLD.completed_order >= from_day::timestamp AT TIME ZONE 'UTC'))))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a stub goes once, of a reported run and under no hold';
END $$;

CREATE TRIGGER run_expired_once BEFORE UPDATE OF expired_at ON run
    FOR EACH ROW EXECUTE FUNCTION allow_removing_stubs();
CREATE TRIGGER run_no_delete BEFORE DELETE ON run
    FOR EACH ROW EXECUTE FUNCTION allow_removing_stubs();
ALTER TABLE run ENABLE ALWAYS TRIGGER run_expired_once;
ALTER TABLE run ENABLE ALWAYS TRIGGER run_no_delete;

CREATE FUNCTION allow_removing_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND (SELECT expired_at FROM run WHERE id = OLD.run_id) IS NOT NULL THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DROP TRIGGER run_report_no_change ON run_report;
CREATE TRIGGER run_report_no_change BEFORE UPDATE OR DELETE ON run_report
    FOR EACH ROW EXECUTE FUNCTION allow_removing_of_run();
ALTER TABLE run_report ENABLE ALWAYS TRIGGER run_report_no_change;

DROP TRIGGER incident_no_change ON incident;
CREATE TRIGGER incident_no_change BEFORE UPDATE OR DELETE ON incident
    FOR EACH ROW EXECUTE FUNCTION allow_removing_of_run();
ALTER TABLE incident ENABLE ALWAYS TRIGGER incident_no_change;

CREATE FUNCTION allow_removing_of_incident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM incident i JOIN run r ON r.id = i.run_id
        WHERE i.id = OLD.incident_id AND r.expired_at IS NOT NULL) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DROP TRIGGER incident_settlement_no_change ON incident_settlement;
CREATE TRIGGER incident_settlement_no_change BEFORE UPDATE OR DELETE ON incident_settlement
    FOR EACH ROW EXECUTE FUNCTION allow_removing_of_incident();
ALTER TABLE incident_settlement ENABLE ALWAYS TRIGGER incident_settlement_no_change;

-- A delivery that has ended may go with its attempts, once it is marked.
ALTER TABLE delivery ADD COLUMN expired_at TIMESTAMPTZ;
CREATE INDEX delivery_ended ON delivery (ended_at, id) WHERE due_at IS NULL AND ended_at IS NOT NULL;

CREATE FUNCTION allow_expiring_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.expired_at IS NOT NULL OR OLD.state NOT IN ('delivered', 'failed') THEN
        RAISE EXCEPTION 'a delivery expires once, after its end';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER delivery_expired_after_its_end BEFORE UPDATE OF expired_at ON delivery
    FOR EACH ROW EXECUTE FUNCTION allow_expiring_once();
ALTER TABLE delivery ENABLE ALWAYS TRIGGER delivery_expired_after_its_end;

CREATE FUNCTION allow_expiring_attempts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM delivery
        WHERE id = OLD.delivery_id AND expired_at IS NOT NULL) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DROP TRIGGER delivery_attempt_no_change ON delivery_attempt;
CREATE TRIGGER delivery_attempt_no_change BEFORE UPDATE OR DELETE ON delivery_attempt
    FOR EACH ROW EXECUTE FUNCTION allow_expiring_attempts();
ALTER TABLE delivery_attempt ENABLE ALWAYS TRIGGER delivery_attempt_no_change;

-- What is swept, and what it weighs ------------------------------------------------------------------

CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX sign_in_link_expiry ON sign_in_link (expires_at);
CREATE INDEX idempotency_key_oldest ON idempotency_key (created_at);

-- The one row about the sweeps of all processes.
CREATE TABLE sweep (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    -- When nothing was left to do.
    finished_at TIMESTAMPTZ,
    -- The last trigger event that was looked at because of its age.
    events_to UUID,
    -- Runs pruned since the instance began.
    runs BIGINT NOT NULL,
    -- Stubs removed since then.
    stubs BIGINT NOT NULL
);

INSERT INTO sweep (id, finished_at, events_to, runs, stubs) VALUES (1, NULL, NULL, 0, 0);

-- What each table weighed on a day, its indexes included.
CREATE TABLE storage_sample (
    day DATE NOT NULL,
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (day, name)
);

-- Tables whose rows go in masses: what is free in them is to be used again soon.
ALTER TABLE attempt SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE effect SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE run_item SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE audit_payload SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE trigger_event SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE reported_step SET (autovacuum_vacuum_scale_factor = 0.02);
