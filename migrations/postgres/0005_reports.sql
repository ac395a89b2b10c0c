-- What a run amounted to when a round ended, and what went wrong. Written once, with the end they
-- tell of.

CREATE TABLE run_report (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    run_id UUID NOT NULL,
    revision BIGINT NOT NULL CHECK (revision > 0),
    round BIGINT NOT NULL CHECK (round >= 0),
    automation_id UUID NOT NULL,
    version BIGINT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'partial', 'failed', 'cancelled', 'killed')),
    total_steps BIGINT NOT NULL CHECK (total_steps >= 0),
    total_tool_invocations BIGINT NOT NULL CHECK (total_tool_invocations >= 0),
    total_memory_writes BIGINT NOT NULL CHECK (total_memory_writes >= 0),
    -- US dollars, as exact decimal text; null where nobody estimated it.
    total_cost_estimate TEXT,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    duration_ms BIGINT NOT NULL CHECK (duration_ms >= 0),
    summary TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (run_id, revision),
    UNIQUE (run_id, round),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    FOREIGN KEY (automation_id, version) REFERENCES automation_version (automation_id, number)
);

CREATE INDEX run_report_list ON run_report (workspace_id, ended_at, id);

CREATE TABLE incident (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    run_id UUID,
    automation_id UUID,
    item_id UUID,
    -- Names the end it tells of; each end has one incident of a cause.
    occurrence TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('step_error', 'tool_timeout', 'tool_rejection',
        'budget_overrun', 'memory_write_failed', 'policy_denial', 'kill_switch_activated',
        'interrupted', 'fenced')),
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    -- The five layers, each in its place.
    facts TEXT NOT NULL,
    cause TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('trigger', 'match', 'approve', 'invoke', 'record', 'report',
        'external')),
    policy TEXT NOT NULL CHECK (policy IN ('none-needed', 'automatic-retry', 'retry-is-safe',
        'confirm-first', 'fix-the-definition', 'settle-by-hand', 'stop-everything')),
    presentation TEXT NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (workspace_id, occurrence, cause),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
);

CREATE INDEX incident_list ON incident (workspace_id, occurred_at, id);
CREATE INDEX incident_severity ON incident (workspace_id, severity, occurred_at, id);
CREATE INDEX incident_cause ON incident (workspace_id, cause, occurred_at, id);
CREATE INDEX incident_automation ON incident (workspace_id, automation_id, occurred_at, id)
    WHERE automation_id IS NOT NULL;
CREATE INDEX incident_run ON incident (workspace_id, run_id, occurred_at, id)
    WHERE run_id IS NOT NULL;
CREATE INDEX incident_item ON incident (workspace_id, item_id, occurred_at, id)
    WHERE item_id IS NOT NULL;

CREATE TRIGGER run_report_no_change BEFORE UPDATE OR DELETE ON run_report
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER run_report_no_truncate BEFORE TRUNCATE ON run_report
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE run_report ENABLE ALWAYS TRIGGER run_report_no_change;
ALTER TABLE run_report ENABLE ALWAYS TRIGGER run_report_no_truncate;

CREATE TRIGGER incident_no_change BEFORE UPDATE OR DELETE ON incident
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_no_truncate BEFORE TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE incident ENABLE ALWAYS TRIGGER incident_no_change;
ALTER TABLE incident ENABLE ALWAYS TRIGGER incident_no_truncate;

-- For those who run automations themselves and write their own reports by SQL -------------------------
-- A role needs EXECUTE on these two, and no right to change anything (docs/OPERATIONS.md). They act with
-- the rights of their owner, so their search path is fixed below, and what they write is computed here.

-- The report of the round in which a run has ended. The caller says only how it ended and, in a
-- sentence, what it amounted to. A round that has its report is refused.
CREATE FUNCTION fn_create_run_report(
    p_team_run_id uuid,
    p_outcome text,
    p_summary text DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    ended run%ROWTYPE;
    made uuid := gen_random_uuid();
    wrote timestamptz := clock_timestamp();
    cost numeric;
BEGIN
    SELECT * INTO ended FROM run WHERE id = p_team_run_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no run %', p_team_run_id;
    END IF;
    IF ended.completed_at IS NULL THEN
        RAISE EXCEPTION 'the run % has not ended', p_team_run_id;
    END IF;
    -- Thousand-millionths of a dollar (0009_guards) as exact decimal text with two places or more.
    cost := (ended.cost_spent + COALESCE(ended.cost_overrun, 0))::numeric / 1000000000;
    INSERT INTO run_report (id, workspace_id, run_id, revision, round, automation_id, version,
        outcome, total_steps, total_tool_invocations, total_memory_writes, total_cost_estimate,
        started_at, ended_at, duration_ms, summary, created_at)
    VALUES (made, ended.workspace_id, ended.id, ended.reports + 1, ended.round,
        ended.automation_id, ended.version, p_outcome, COALESCE(ended.steps, ended.subjects_matched),
        ended.tool_invocations, ended.memory_writes,
        round(cost, GREATEST(2, scale(trim_scale(cost))))::text,
        COALESCE(ended.started_at, ended.created_at), ended.completed_at,
        GREATEST(0, (EXTRACT(EPOCH FROM ended.completed_at
            - COALESCE(ended.started_at, ended.created_at)) * 1000)::bigint),
        left(p_summary, 2000), wrote);
    UPDATE run SET reports = reports + 1 WHERE id = ended.id;
    -- Whoever sweeps next enters it into the audit log (0011_settlements).
    INSERT INTO unentered (id, workspace_id, kind) VALUES (made, ended.workspace_id, 'report');
    RETURN made;
END $$;

-- An incident of a run that has a report.
CREATE FUNCTION fn_record_run_incident(
    p_run_report_id uuid,
    p_incident_type text,
    p_severity text,
    p_message text,
    p_context jsonb DEFAULT '{}',
    p_occurred_at timestamptz DEFAULT now()
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    report run_report%ROWTYPE;
    made uuid := gen_random_uuid();
BEGIN
    SELECT * INTO report FROM run_report WHERE id = p_run_report_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no run report %', p_run_report_id;
    END IF;
    IF COALESCE(trim(p_message), '') = '' THEN
        RAISE EXCEPTION 'an incident needs a message';
    END IF;
    IF length(p_context::text) > 65536 THEN
        RAISE EXCEPTION 'the context is too large: at most 65536 characters';
    END IF;
    INSERT INTO incident (id, workspace_id, run_id, automation_id, occurrence, type, severity, facts,
        cause, phase, policy, presentation, occurred_at, created_at)
    VALUES (made, report.workspace_id, report.run_id, report.automation_id, 'reported/' || made,
        p_incident_type, p_severity,
        jsonb_build_object('message', left(p_message, 2000), 'round', report.round,
            'context', COALESCE(p_context, '{}'::jsonb))::text,
        'reported', 'external', 'settle-by-hand',
        -- In the words of the catalogue, which a test compares.
        jsonb_build_object(
            'title', 'Whoever ran it reported an incident',
            'happened', 'The incident was reported together with the run, and not observed by Assize.',
            'means', 'What is known about it is what was reported.',
            'next', 'Read what was reported, and settle it where the run took place.',
            'reviewer', 'An incident was reported by whoever carried out the run.')::text,
        COALESCE(p_occurred_at, now()), clock_timestamp());
    UPDATE run SET incidents = incidents + 1 WHERE id = report.run_id;
    INSERT INTO unentered (id, workspace_id, kind) VALUES (made, report.workspace_id, 'incident');
    RETURN made;
END $$;

REVOKE ALL ON FUNCTION fn_create_run_report(uuid, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION fn_record_run_incident(uuid, text, text, text, jsonb, timestamptz)
    FROM PUBLIC;

-- The schema they were made in and nothing before it: no caller can put tables of its own in the way.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION fn_create_run_report(uuid, text, text) '
        'SET search_path = pg_catalog, %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION fn_record_run_incident(uuid, text, text, text, jsonb, timestamptz) '
        'SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
