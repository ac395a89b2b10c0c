-- Runs that take place elsewhere and report themselves, and what tokens of language models cost.

-- Null for runs that are executed here.
ALTER TABLE run ADD COLUMN steps BIGINT;
ALTER TABLE run ADD COLUMN failed_steps BIGINT;
ALTER TABLE run ADD COLUMN silent_since TIMESTAMPTZ;

CREATE INDEX run_reported_started ON run (workspace_id, started_order, id)
    WHERE trigger_kind = 'reported';
CREATE INDEX run_reported_completed ON run (workspace_id, completed_order, id)
    WHERE trigger_kind = 'reported';

-- What a reported run stated, added up: one row, locked with its run.
CREATE TABLE reported_run (
    run_id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    -- As its reporter calls it.
    external_id TEXT NOT NULL,
    state TEXT NOT NULL,
    -- When something last came, by our clock.
    heard_at TIMESTAMPTZ NOT NULL,
    -- When silence becomes an interruption; null where it cannot, or has.
    silent_after TIMESTAMPTZ,
    -- Steps in the log, of which the first and the last are kept.
    kept BIGINT NOT NULL CHECK (kept >= 0),
    UNIQUE (workspace_id, external_id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id)
);

CREATE INDEX reported_run_silence ON reported_run (silent_after) WHERE silent_after IS NOT NULL;

-- The log of steps, by the number of the statement.
CREATE TABLE reported_step (
    run_id UUID NOT NULL REFERENCES reported_run (run_id),
    seq BIGINT NOT NULL CHECK (seq >= 0),
    statement TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
);

-- US dollars for a million tokens, in thousand-millionths.
CREATE TABLE model_price (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    model TEXT NOT NULL,
    begins DATE NOT NULL,
    input BIGINT NOT NULL CHECK (input >= 0),
    output BIGINT NOT NULL CHECK (output >= 0),
    set_at TIMESTAMPTZ NOT NULL,
    set_by UUID,
    PRIMARY KEY (workspace_id, model, begins)
);
