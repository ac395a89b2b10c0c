-- What a run amounted to when a round ended, and what went wrong. Written once, with the end they
-- tell of.

CREATE TABLE run_report (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    revision INTEGER NOT NULL CHECK (revision > 0),
    round INTEGER NOT NULL CHECK (round >= 0),
    automation_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'partial', 'failed', 'cancelled', 'killed')),
    total_steps INTEGER NOT NULL CHECK (total_steps >= 0),
    total_tool_invocations INTEGER NOT NULL CHECK (total_tool_invocations >= 0),
    total_memory_writes INTEGER NOT NULL CHECK (total_memory_writes >= 0),
    -- US dollars, as exact decimal text; null where nobody estimated it.
    total_cost_estimate TEXT,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
    summary TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (run_id, revision),
    UNIQUE (run_id, round),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    FOREIGN KEY (automation_id, version) REFERENCES automation_version (automation_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_report_list ON run_report (workspace_id, ended_at, id);

CREATE TABLE incident (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    run_id BLOB,
    automation_id BLOB,
    item_id BLOB,
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
    occurred_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (workspace_id, occurrence, cause),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX incident_list ON incident (workspace_id, occurred_at, id);
CREATE INDEX incident_severity ON incident (workspace_id, severity, occurred_at, id);
CREATE INDEX incident_cause ON incident (workspace_id, cause, occurred_at, id);
CREATE INDEX incident_automation ON incident (workspace_id, automation_id, occurred_at, id)
    WHERE automation_id IS NOT NULL;
CREATE INDEX incident_run ON incident (workspace_id, run_id, occurred_at, id)
    WHERE run_id IS NOT NULL;
CREATE INDEX incident_item ON incident (workspace_id, item_id, occurred_at, id)
    WHERE item_id IS NOT NULL;

CREATE TRIGGER run_report_no_update BEFORE UPDATE ON run_report
BEGIN SELECT RAISE(ABORT, 'run_report is append-only'); END;
CREATE TRIGGER run_report_no_delete BEFORE DELETE ON run_report
BEGIN SELECT RAISE(ABORT, 'run_report is append-only'); END;
CREATE TRIGGER run_report_no_replace BEFORE INSERT ON run_report
WHEN EXISTS (SELECT 1 FROM run_report WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM run_report WHERE run_id = NEW.run_id
        AND (revision = NEW.revision OR round = NEW.round))
BEGIN SELECT RAISE(ABORT, 'run_report exists already'); END;

CREATE TRIGGER incident_no_update BEFORE UPDATE ON incident
BEGIN SELECT RAISE(ABORT, 'incident is append-only'); END;
CREATE TRIGGER incident_no_delete BEFORE DELETE ON incident
BEGIN SELECT RAISE(ABORT, 'incident is append-only'); END;
CREATE TRIGGER incident_no_replace BEFORE INSERT ON incident
WHEN EXISTS (SELECT 1 FROM incident WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM incident WHERE workspace_id = NEW.workspace_id
        AND occurrence = NEW.occurrence AND cause = NEW.cause)
BEGIN SELECT RAISE(ABORT, 'incident exists already'); END;
