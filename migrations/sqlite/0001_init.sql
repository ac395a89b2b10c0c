-- Times are RFC 3339 text in UTC with microseconds at most, ids 16-byte UUIDs, JSON opaque text.

CREATE TABLE workspace (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- People -----------------------------------------------------------------------------------------

CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE member (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    account_id BLOB NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'operator', 'approver', 'auditor', 'viewer')),
    created_at TEXT NOT NULL,
    removed_at TEXT,
    UNIQUE (workspace_id, account_id),
    UNIQUE (workspace_id, id)
) STRICT;

-- Only the SHA-256 of a session's secret is kept.
CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

CREATE INDEX session_account ON session (account_id);

-- A single-use link that lets an account set its password and sign in.
CREATE TABLE sign_in_link (
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

-- The one row that says how the first owner comes in; claimed once, for ever.
CREATE TABLE setup (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    token_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    claimed_at TEXT
) STRICT;

-- Failed sign-ins by account and by address, shared by all replicas.
CREATE TABLE sign_in_throttle (
    subject TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    blocked_until TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE allowed_destination (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    scheme TEXT NOT NULL CHECK (scheme IN ('https', 'http')),
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    allow_private INTEGER NOT NULL CHECK (allow_private IN (0, 1)),
    created_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, scheme, host, port)
) STRICT;

-- Registers --------------------------------------------------------------------------------------

CREATE TABLE record (
    id BLOB NOT NULL,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    attributes TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    created_by_item BLOB,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, kind, key)
) STRICT;

CREATE INDEX record_register ON record (workspace_id, kind, id);

-- Definitions ------------------------------------------------------------------------------------

CREATE TABLE automation (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    trigger_kind TEXT NOT NULL,
    -- Fires of a schedule up to this instant have been dealt with.
    fired_until TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (workspace_id, key),
    UNIQUE (workspace_id, id)
) STRICT;

CREATE INDEX automation_listening ON automation (workspace_id, trigger_kind);
CREATE INDEX automation_schedules ON automation (id) WHERE trigger_kind = 'schedule' AND enabled;

CREATE TABLE automation_version (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    definition TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by BLOB,
    PRIMARY KEY (automation_id, number),
    FOREIGN KEY (workspace_id, automation_id) REFERENCES automation (workspace_id, id)
) STRICT, WITHOUT ROWID;

-- Runs -------------------------------------------------------------------------------------------

CREATE TABLE trigger_event (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    subject_kind TEXT,
    subject_key TEXT,
    occurred_at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    -- Of the request that told it: 32 hexadecimal digits.
    trace_id TEXT,
    payload TEXT NOT NULL,
    UNIQUE (workspace_id, source, external_id),
    UNIQUE (workspace_id, id)
) STRICT;

CREATE TABLE run (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    trigger_event_id BLOB NOT NULL,
    trigger_kind TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed',
        'completed-with-failures', 'cancelled', 'failed', 'killed')),
    round INTEGER NOT NULL,
    subjects_matched INTEGER NOT NULL CHECK (subjects_matched >= 0),
    actions_invoked INTEGER NOT NULL CHECK (actions_invoked >= 0),
    open_items INTEGER NOT NULL CHECK (open_items >= 0),
    succeeded INTEGER NOT NULL CHECK (succeeded >= 0),
    failed INTEGER NOT NULL CHECK (failed >= 0),
    skipped INTEGER NOT NULL CHECK (skipped >= 0),
    awaiting_approval INTEGER NOT NULL CHECK (awaiting_approval >= 0),
    idempotent_replay INTEGER NOT NULL CHECK (idempotent_replay >= 0),
    -- What reports tell beyond the outcomes; only ever added to.
    tool_invocations INTEGER NOT NULL CHECK (tool_invocations >= 0),
    memory_writes INTEGER NOT NULL CHECK (memory_writes >= 0),
    incidents INTEGER NOT NULL CHECK (incidents >= 0),
    reports INTEGER NOT NULL CHECK (reports >= 0),
    matched INTEGER NOT NULL CHECK (matched IN (0, 1)),
    -- The last record that was looked at while subjects are being matched.
    match_cursor BLOB,
    on_item_failure TEXT NOT NULL CHECK (on_item_failure IN ('close', 'hold')),
    created_at TEXT NOT NULL,
    started_at TEXT,
    completed_at TEXT,
    -- Where the run stands in lists; never null, so that pages can be found by key.
    started_order TEXT NOT NULL,
    completed_order TEXT NOT NULL,
    cancel_requested_at TEXT,
    cancel_requested_by BLOB,
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
) STRICT;

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
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('started', 'completed')),
    day TEXT NOT NULL,
    status TEXT NOT NULL,
    trigger_kind TEXT NOT NULL,
    runs INTEGER NOT NULL,
    subjects_matched INTEGER NOT NULL,
    actions_invoked INTEGER NOT NULL,
    open_items INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    awaiting_approval INTEGER NOT NULL,
    idempotent_replay INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, basis, day, automation_id, status, trigger_kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_item (
    id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    subject_id BLOB NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    actioner TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('local', 'keyed-remote', 'unkeyed-remote')),
    key_window_seconds INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'started', 'awaiting-approval',
        'succeeded', 'failed', 'skipped', 'idempotent-replay')),
    attempt INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    round INTEGER NOT NULL,
    not_before TEXT NOT NULL,
    lease_until TEXT,
    lease_owner TEXT,
    invoked INTEGER NOT NULL CHECK (invoked IN (0, 1)),
    parameters TEXT,
    input_digest TEXT,
    effect_key TEXT,
    first_sent_at TEXT,
    approved INTEGER NOT NULL CHECK (approved IN (0, 1)),
    skip_reason TEXT,
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT,
    result_id BLOB,
    replay_evidence TEXT,
    replay_of BLOB,
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (run_id, position),
    UNIQUE (run_id, subject_id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    FOREIGN KEY (workspace_id, subject_id) REFERENCES record (workspace_id, id)
) STRICT;

CREATE INDEX run_item_queue ON run_item (class, not_before, id) WHERE state = 'queued';
CREATE INDEX run_item_leases ON run_item (lease_until) WHERE state IN ('leased', 'started');
CREATE INDEX run_item_subject ON run_item (workspace_id, subject_id, id);
CREATE INDEX run_item_result ON run_item (workspace_id, result_id) WHERE result_id IS NOT NULL;
CREATE INDEX run_item_outcome ON run_item (run_id, state, position)
    WHERE state NOT IN ('queued', 'leased', 'started');

CREATE TABLE attempt (
    id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    round INTEGER NOT NULL,
    worker TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    ended_as TEXT NOT NULL CHECK (ended_as IN ('succeeded', 'failed', 'skipped',
        'awaiting-approval', 'idempotent-replay', 'interrupted', 'late')),
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT,
    result_id BLOB,
    replay_evidence TEXT,
    PRIMARY KEY (item_id, number, ended_as),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
) STRICT;

-- One row for each effect that happened; the key makes a second impossible.
CREATE TABLE effect (
    workspace_id BLOB NOT NULL,
    effect_key TEXT NOT NULL,
    item_id BLOB NOT NULL,
    attempt_id BLOB NOT NULL,
    record_id BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, effect_key),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
) STRICT, WITHOUT ROWID;

-- Approvals --------------------------------------------------------------------------------------

CREATE TABLE approval (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('before-action', 'question', 'retry', 'policy')),
    status TEXT NOT NULL CHECK (status IN ('open', 'approved', 'dismissed', 'expired',
        'withdrawn')),
    question TEXT NOT NULL,
    actioner TEXT NOT NULL,
    parameters TEXT NOT NULL,
    action_digest TEXT NOT NULL,
    rule TEXT NOT NULL,
    requested_by BLOB,
    requested_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    decided_at TEXT,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES run_item (workspace_id, id)
) STRICT;

CREATE UNIQUE INDEX approval_one_open ON approval (item_id) WHERE status = 'open';
CREATE INDEX approval_inbox ON approval (workspace_id, status, requested_at, id);
CREATE INDEX approval_item ON approval (item_id, requested_at);
CREATE INDEX approval_expiry ON approval (expires_at) WHERE status = 'open';

CREATE TABLE approval_decision (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    approval_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'dismiss')),
    reason TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    UNIQUE (approval_id, member_id),
    FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id)
) STRICT, WITHOUT ROWID;

-- Audit log --------------------------------------------------------------------------------------

CREATE TABLE audit_head (
    workspace_id BLOB NOT NULL PRIMARY KEY REFERENCES workspace (id),
    size INTEGER NOT NULL,
    -- Roots of the perfect subtrees, 32 bytes each, largest first.
    frontier BLOB NOT NULL
) STRICT;

CREATE TABLE audit_entry (
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    verb TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    run_id BLOB,
    leaf TEXT NOT NULL,
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    PRIMARY KEY (workspace_id, seq)
) STRICT;

CREATE INDEX audit_entry_object ON audit_entry (workspace_id, object_id, seq);
CREATE INDEX audit_entry_run ON audit_entry (workspace_id, run_id, seq) WHERE run_id IS NOT NULL;
CREATE INDEX audit_entry_actor ON audit_entry (workspace_id, actor_id, seq)
    WHERE actor_id IS NOT NULL;
-- The two verbs of every item are never far apart; all others may be rare.
CREATE INDEX audit_entry_verb ON audit_entry (workspace_id, verb, seq)
    WHERE verb NOT IN ('item.started', 'item.succeeded');

CREATE TABLE audit_payload (
    workspace_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    payload TEXT NOT NULL,
    PRIMARY KEY (workspace_id, seq),
    FOREIGN KEY (workspace_id, seq) REFERENCES audit_entry (workspace_id, seq)
) STRICT;

-- Fences -----------------------------------------------------------------------------------------
-- What is written once stays. The insert triggers stop REPLACE, which would pass the others by; it
-- can name a row id instead of a key, so tables that have row ids look for those too.

CREATE TRIGGER automation_version_no_update BEFORE UPDATE ON automation_version
BEGIN SELECT RAISE(ABORT, 'automation_version is append-only'); END;
CREATE TRIGGER automation_version_no_delete BEFORE DELETE ON automation_version
BEGIN SELECT RAISE(ABORT, 'automation_version is append-only'); END;
CREATE TRIGGER automation_version_no_replace BEFORE INSERT ON automation_version
WHEN EXISTS (SELECT 1 FROM automation_version
    WHERE automation_id = NEW.automation_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'automation_version exists already'); END;

CREATE TRIGGER attempt_no_update BEFORE UPDATE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;
CREATE TRIGGER attempt_no_delete BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;
CREATE TRIGGER attempt_no_replace BEFORE INSERT ON attempt
WHEN EXISTS (SELECT 1 FROM attempt WHERE rowid = NEW.rowid)
    OR EXISTS (SELECT 1 FROM attempt WHERE item_id = NEW.item_id AND number = NEW.number
        AND ended_as = NEW.ended_as)
BEGIN SELECT RAISE(ABORT, 'attempt exists already'); END;

CREATE TRIGGER effect_no_update BEFORE UPDATE ON effect
BEGIN SELECT RAISE(ABORT, 'effect is append-only'); END;
CREATE TRIGGER effect_no_delete BEFORE DELETE ON effect
BEGIN SELECT RAISE(ABORT, 'effect is append-only'); END;
CREATE TRIGGER effect_no_replace BEFORE INSERT ON effect
WHEN EXISTS (SELECT 1 FROM effect
    WHERE workspace_id = NEW.workspace_id AND effect_key = NEW.effect_key)
BEGIN SELECT RAISE(ABORT, 'effect exists already'); END;

CREATE TRIGGER approval_decision_no_update BEFORE UPDATE ON approval_decision
BEGIN SELECT RAISE(ABORT, 'approval_decision is append-only'); END;
CREATE TRIGGER approval_decision_no_delete BEFORE DELETE ON approval_decision
BEGIN SELECT RAISE(ABORT, 'approval_decision is append-only'); END;
CREATE TRIGGER approval_decision_no_replace BEFORE INSERT ON approval_decision
WHEN EXISTS (SELECT 1 FROM approval_decision WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM approval_decision
        WHERE approval_id = NEW.approval_id AND member_id = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'approval_decision exists already'); END;
CREATE TRIGGER approval_decision_not_own BEFORE INSERT ON approval_decision
WHEN EXISTS (SELECT 1 FROM approval
    WHERE id = NEW.approval_id AND requested_by = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'whoever asked for an approval cannot decide it'); END;

CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
CREATE TRIGGER audit_entry_dense BEFORE INSERT ON audit_entry
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), -1) + 1 FROM audit_entry
        WHERE workspace_id = NEW.workspace_id)
    OR EXISTS (SELECT 1 FROM audit_entry WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'audit_entry is dense and append-only'); END;

-- A payload may be erased, never changed.
CREATE TRIGGER audit_payload_no_update BEFORE UPDATE ON audit_payload
BEGIN SELECT RAISE(ABORT, 'audit_payload cannot be changed'); END;
CREATE TRIGGER audit_payload_no_replace BEFORE INSERT ON audit_payload
WHEN EXISTS (SELECT 1 FROM audit_payload WHERE rowid = NEW.rowid)
    OR EXISTS (SELECT 1 FROM audit_payload
        WHERE workspace_id = NEW.workspace_id AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'audit_payload cannot be changed'); END;
