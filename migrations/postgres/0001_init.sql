-- The twin of the SQLite schema: same tables, same columns. JSON is opaque text.

CREATE TABLE workspace (
    id UUID NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- People -----------------------------------------------------------------------------------------

CREATE TABLE account (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE member (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    account_id UUID NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'operator', 'approver', 'auditor', 'viewer')),
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ,
    UNIQUE (workspace_id, account_id),
    UNIQUE (workspace_id, id)
);

-- Only the SHA-256 of a session's secret is kept.
CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX session_account ON session (account_id);

-- A single-use link that lets an account set its password and sign in.
CREATE TABLE sign_in_link (
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);

-- The one row that says how the first owner comes in; claimed once, for ever.
CREATE TABLE setup (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    token_hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    claimed_at TIMESTAMPTZ
);

-- Failed sign-ins by account and by address, shared by all replicas.
CREATE TABLE sign_in_throttle (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    blocked_until TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE allowed_destination (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    scheme TEXT NOT NULL CHECK (scheme IN ('https', 'http')),
    host TEXT NOT NULL,
    port BIGINT NOT NULL,
    allow_private BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, scheme, host, port)
);

-- Registers --------------------------------------------------------------------------------------

CREATE TABLE record (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    attributes TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    created_by_item UUID,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, kind, key)
);

-- In another collation, so that it is never taken for the unique one: without statistics the two look
-- alike to the planner, and this one would read the whole register to find a record by its key.
CREATE INDEX record_register ON record (workspace_id, (kind COLLATE "C"), id);

-- Definitions ------------------------------------------------------------------------------------

CREATE TABLE automation (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    trigger_kind TEXT NOT NULL,
    -- Fires of a schedule up to this instant have been dealt with.
    fired_until TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (workspace_id, key),
    UNIQUE (workspace_id, id)
);

CREATE INDEX automation_listening ON automation (workspace_id, trigger_kind);
CREATE INDEX automation_schedules ON automation (id) WHERE trigger_kind = 'schedule' AND enabled;

CREATE TABLE automation_version (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    definition TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID,
    PRIMARY KEY (automation_id, number),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
);

-- Runs -------------------------------------------------------------------------------------------

CREATE TABLE trigger_event (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    subject_kind TEXT,
    subject_key TEXT,
    occurred_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    -- Of the request that told it: 32 hexadecimal digits.
    trace_id TEXT,
    payload TEXT NOT NULL,
    UNIQUE (workspace_id, source, external_id),
    UNIQUE (workspace_id, id)
);

CREATE TABLE run (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    version BIGINT NOT NULL,
    trigger_event_id UUID NOT NULL,
    trigger_kind TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed',
        'completed-with-failures', 'cancelled', 'failed', 'killed')),
    round BIGINT NOT NULL,
    subjects_matched BIGINT NOT NULL CHECK (subjects_matched >= 0),
    actions_invoked BIGINT NOT NULL CHECK (actions_invoked >= 0),
    open_items BIGINT NOT NULL CHECK (open_items >= 0),
    succeeded BIGINT NOT NULL CHECK (succeeded >= 0),
    failed BIGINT NOT NULL CHECK (failed >= 0),
    skipped BIGINT NOT NULL CHECK (skipped >= 0),
    awaiting_approval BIGINT NOT NULL CHECK (awaiting_approval >= 0),
    idempotent_replay BIGINT NOT NULL CHECK (idempotent_replay >= 0),
    -- What reports tell beyond the outcomes; only ever added to.
    tool_invocations BIGINT NOT NULL CHECK (tool_invocations >= 0),
    memory_writes BIGINT NOT NULL CHECK (memory_writes >= 0),
    incidents BIGINT NOT NULL CHECK (incidents >= 0),
    reports BIGINT NOT NULL CHECK (reports >= 0),
    matched BOOLEAN NOT NULL,
    -- The last record that was looked at while subjects are being matched.
    match_cursor UUID,
    on_item_failure TEXT NOT NULL CHECK (on_item_failure IN ('close', 'hold')),
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    completed_at TIMESTAMPTZ,
    -- Where the run stands in lists; never null, so that pages can be found by key.
    started_order TIMESTAMPTZ NOT NULL,
    completed_order TIMESTAMPTZ NOT NULL,
    cancel_requested_at TIMESTAMPTZ,
    cancel_requested_by UUID,
    cancel_reason TEXT,
    cancel_receipt TEXT,
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT,
    CHECK (subjects_matched = open_items + succeeded + failed + skipped + awaiting_approval
        + idempotent_replay),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id),
    FOREIGN KEY (automation_id, version) REFERENCES automation_version (automation_id, number),
    FOREIGN KEY (workspace_id, trigger_event_id) REFERENCES trigger_event (workspace_id, id)
);

CREATE INDEX run_started ON run (workspace_id, started_order, id);
CREATE INDEX run_completed ON run (workspace_id, completed_order, id);
CREATE INDEX run_automation_started ON run (workspace_id, automation_id, started_order, id);
CREATE INDEX run_automation_completed ON run (workspace_id, automation_id, completed_order, id);
CREATE INDEX run_status_started ON run (workspace_id, status, started_order, id);
CREATE INDEX run_status_completed ON run (workspace_id, status, completed_order, id);
CREATE INDEX run_automation_status_started
    ON run (workspace_id, automation_id, status, started_order, id);
CREATE INDEX run_automation_status_completed
    ON run (workspace_id, automation_id, status, completed_order, id);
CREATE INDEX run_trigger_event ON run (workspace_id, trigger_event_id, id);
CREATE INDEX run_incidents_started ON run (workspace_id, started_order, id) WHERE incidents > 0;
CREATE INDEX run_incidents_completed ON run (workspace_id, completed_order, id) WHERE incidents > 0;
CREATE INDEX run_matching ON run (id) WHERE NOT matched;

CREATE TABLE run_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('started', 'completed')),
    day DATE NOT NULL,
    status TEXT NOT NULL,
    trigger_kind TEXT NOT NULL,
    runs BIGINT NOT NULL,
    subjects_matched BIGINT NOT NULL,
    actions_invoked BIGINT NOT NULL,
    open_items BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    awaiting_approval BIGINT NOT NULL,
    idempotent_replay BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, basis, day, automation_id, status, trigger_kind)
);

CREATE TABLE run_item (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    run_id UUID NOT NULL,
    position BIGINT NOT NULL,
    subject_id UUID NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    actioner TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('local', 'keyed-remote', 'unkeyed-remote')),
    key_window_seconds BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'started', 'awaiting-approval',
        'succeeded', 'failed', 'skipped', 'idempotent-replay')),
    attempt BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    round BIGINT NOT NULL,
    not_before TIMESTAMPTZ NOT NULL,
    lease_until TIMESTAMPTZ,
    lease_owner TEXT,
    invoked BOOLEAN NOT NULL,
    parameters TEXT,
    input_digest TEXT,
    effect_key TEXT,
    first_sent_at TIMESTAMPTZ,
    approved BOOLEAN NOT NULL,
    skip_reason TEXT,
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT,
    result_id UUID,
    replay_evidence TEXT,
    replay_of UUID,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (run_id, position),
    UNIQUE (run_id, subject_id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    FOREIGN KEY (workspace_id, subject_id) REFERENCES record (workspace_id, id)
);

CREATE INDEX run_item_queue ON run_item (class, not_before, id) WHERE state = 'queued';
CREATE INDEX run_item_leases ON run_item (lease_until) WHERE state IN ('leased', 'started');
CREATE INDEX run_item_subject ON run_item (workspace_id, subject_id, id);
CREATE INDEX run_item_result ON run_item (workspace_id, result_id) WHERE result_id IS NOT NULL;
CREATE INDEX run_item_outcome ON run_item (run_id, state, position)
    WHERE state NOT IN ('queued', 'leased', 'started');

CREATE TABLE attempt (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    run_id UUID NOT NULL,
    item_id UUID NOT NULL,
    number BIGINT NOT NULL,
    round BIGINT NOT NULL,
    worker TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    ended_as TEXT NOT NULL CHECK (ended_as IN ('succeeded', 'failed', 'skipped',
        'awaiting-approval', 'idempotent-replay', 'interrupted', 'late')),
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT,
    result_id UUID,
    replay_evidence TEXT,
    PRIMARY KEY (item_id, number, ended_as),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
);

-- One row for each effect that happened; the key makes a second impossible.
CREATE TABLE effect (
    workspace_id UUID NOT NULL,
    effect_key TEXT NOT NULL,
    item_id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    record_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, effect_key),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
);

-- Approvals --------------------------------------------------------------------------------------

CREATE TABLE approval (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    run_id UUID NOT NULL,
    item_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('before-action', 'question', 'retry', 'policy')),
    status TEXT NOT NULL CHECK (status IN ('open', 'approved', 'dismissed', 'expired',
        'withdrawn')),
    question TEXT NOT NULL,
    actioner TEXT NOT NULL,
    parameters TEXT NOT NULL,
    action_digest TEXT NOT NULL,
    rule TEXT NOT NULL,
    requested_by UUID,
    requested_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
);

CREATE UNIQUE INDEX approval_one_open ON approval (item_id) WHERE status = 'open';
CREATE INDEX approval_inbox ON approval (workspace_id, status, requested_at, id);
CREATE INDEX approval_item ON approval (item_id, requested_at);
CREATE INDEX approval_expiry ON approval (expires_at) WHERE status = 'open';

CREATE TABLE approval_decision (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    approval_id UUID NOT NULL,
    member_id UUID NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'dismiss')),
    reason TEXT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    UNIQUE (approval_id, member_id),
    FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id)
);

-- Audit log --------------------------------------------------------------------------------------

CREATE TABLE audit_head (
    workspace_id UUID NOT NULL PRIMARY KEY REFERENCES workspace (id),
    size BIGINT NOT NULL,
    -- Roots of the perfect subtrees, 32 bytes each, largest first.
    frontier BYTEA NOT NULL
);

CREATE TABLE audit_entry (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    verb TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    run_id UUID,
    leaf TEXT NOT NULL,
    leaf_hash BYTEA NOT NULL CHECK (length(leaf_hash) = 32),
    PRIMARY KEY (workspace_id, seq)
);

CREATE INDEX audit_entry_object ON audit_entry (workspace_id, object_id, seq);
CREATE INDEX audit_entry_run ON audit_entry (workspace_id, run_id, seq) WHERE run_id IS NOT NULL;
CREATE INDEX audit_entry_actor ON audit_entry (workspace_id, actor_id, seq)
    WHERE actor_id IS NOT NULL;
-- The two verbs of every item are never far apart; all others may be rare.
CREATE INDEX audit_entry_verb ON audit_entry (workspace_id, verb, seq)
    WHERE verb NOT IN ('item.started', 'item.succeeded');

CREATE TABLE audit_payload (
    workspace_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    salt BYTEA NOT NULL CHECK (length(salt) = 32),
    payload TEXT NOT NULL,
    PRIMARY KEY (workspace_id, seq),
    FOREIGN KEY (workspace_id, seq) REFERENCES audit_entry (workspace_id, seq)
);

-- Fences -----------------------------------------------------------------------------------------
-- What is written once stays. Statement triggers stop TRUNCATE, which passes row triggers by, and
-- ALWAYS keeps them awake when session_replication_role is set to replica. An owner can still remove
-- them: run the application as a role that does not own the tables (docs/OPERATIONS.md).

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE FUNCTION refuse_own_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM approval
        WHERE id = NEW.approval_id AND requested_by = NEW.member_id) THEN
        RAISE EXCEPTION 'whoever asked for an approval cannot decide it';
    END IF;
    RETURN NEW;
END $$;

-- Checked once a statement: an append may have many rows, and a check a row would be quadratic.
CREATE FUNCTION require_dense_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT workspace_id, MIN(seq) AS low, MAX(seq) AS high, COUNT(*) AS added
            FROM added_entries GROUP BY workspace_id) a
        WHERE a.high - a.low + 1 <> a.added
            OR (a.low > 0 AND NOT EXISTS (SELECT 1 FROM audit_entry e
                WHERE e.workspace_id = a.workspace_id AND e.seq = a.low - 1))
            OR a.low < 0
            OR EXISTS (SELECT 1 FROM audit_entry e
                WHERE e.workspace_id = a.workspace_id AND e.seq = a.high + 1)
    ) THEN
        RAISE EXCEPTION 'audit_entry is dense and append-only';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER audit_entry_dense AFTER INSERT ON audit_entry
    REFERENCING NEW TABLE AS added_entries
    FOR EACH STATEMENT EXECUTE FUNCTION require_dense_audit();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_dense;

CREATE TRIGGER approval_decision_not_own BEFORE INSERT ON approval_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_own_approval();
ALTER TABLE approval_decision ENABLE ALWAYS TRIGGER approval_decision_not_own;

CREATE TRIGGER automation_version_no_change BEFORE UPDATE OR DELETE ON automation_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER automation_version_no_truncate BEFORE TRUNCATE ON automation_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE automation_version ENABLE ALWAYS TRIGGER automation_version_no_change;
ALTER TABLE automation_version ENABLE ALWAYS TRIGGER automation_version_no_truncate;

CREATE TRIGGER attempt_no_change BEFORE UPDATE OR DELETE ON attempt
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attempt_no_truncate BEFORE TRUNCATE ON attempt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE attempt ENABLE ALWAYS TRIGGER attempt_no_change;
ALTER TABLE attempt ENABLE ALWAYS TRIGGER attempt_no_truncate;

CREATE TRIGGER effect_no_change BEFORE UPDATE OR DELETE ON effect
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER effect_no_truncate BEFORE TRUNCATE ON effect
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE effect ENABLE ALWAYS TRIGGER effect_no_change;
ALTER TABLE effect ENABLE ALWAYS TRIGGER effect_no_truncate;

CREATE TRIGGER approval_decision_no_change BEFORE UPDATE OR DELETE ON approval_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_decision_no_truncate BEFORE TRUNCATE ON approval_decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE approval_decision ENABLE ALWAYS TRIGGER approval_decision_no_change;
ALTER TABLE approval_decision ENABLE ALWAYS TRIGGER approval_decision_no_truncate;

CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_change;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_truncate;

-- A payload may be erased, never changed.
CREATE TRIGGER audit_payload_no_change BEFORE UPDATE ON audit_payload
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_payload_no_truncate BEFORE TRUNCATE ON audit_payload
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_payload ENABLE ALWAYS TRIGGER audit_payload_no_change;
ALTER TABLE audit_payload ENABLE ALWAYS TRIGGER audit_payload_no_truncate;
