-- What health is read from: how long runs took, what they cost, which models were used, and what
-- incidents were put down to, added up by automation and day. Kept in the transaction of every change;
-- days are those on which runs started, in UTC, and those on which incidents happened.

-- A histogram of lengths: a doubling has four buckets, whose borders are whole milliseconds.
CREATE TABLE length_rollup (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    day TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id, bucket)
) STRICT, WITHOUT ROWID;

-- Runs that ended of which it is known what they cost, in thousand-millionths of a US dollar.
CREATE TABLE cost_rollup (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    day TEXT NOT NULL,
    runs INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id)
) STRICT, WITHOUT ROWID;

-- What reported runs used of models. A text is empty where it was not said.
CREATE TABLE usage_rollup (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    day TEXT NOT NULL,
    phase TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    -- Calls of which it is not known what they cost.
    unpriced INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id, phase, provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident_rollup (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    day TEXT NOT NULL,
    cause TEXT NOT NULL,
    incidents INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id, cause)
) STRICT, WITHOUT ROWID;

-- What was there before is added up once, by the same borders and the same days.

CREATE TABLE length_border (
    bucket INTEGER NOT NULL PRIMARY KEY,
    shortest INTEGER NOT NULL UNIQUE
);

WITH RECURSIVE n(bucket) AS (
    SELECT CAST(0 AS INTEGER) UNION ALL SELECT bucket + 1 FROM n WHERE bucket < 180
)
INSERT INTO length_border (bucket, shortest)
SELECT bucket, CASE WHEN bucket < 4 THEN bucket ELSE (4 + bucket % 4) << (bucket / 4 - 1) END FROM n;

INSERT INTO length_rollup (workspace_id, automation_id, day, bucket, runs)
SELECT workspace_id, automation_id, day,
    (SELECT bucket FROM length_border WHERE shortest <= took ORDER BY shortest DESC LIMIT 1) AS border,
    COUNT(*)
FROM (
    SELECT r.workspace_id, r.automation_id, substr(r.started_order, 1, 10) AS day,
        MAX(0, ((CAST(strftime('%s', substr(r.completed_at, 1, 19)) AS INTEGER) * 1000000
            + CAST(substr(CASE WHEN substr(r.completed_at, 20, 1) = '.'
                THEN substr(r.completed_at, 21, length(r.completed_at) - 26) ELSE '' END || '000000', 1, 6) AS INTEGER))
        - (CAST(strftime('%s', substr(r.started_at, 1, 19)) AS INTEGER) * 1000000
            + CAST(substr(CASE WHEN substr(r.started_at, 20, 1) = '.'
                THEN substr(r.started_at, 21, length(r.started_at) - 26) ELSE '' END || '000000', 1, 6) AS INTEGER))) / 1000) AS took
    FROM run r WHERE r.started_at IS NOT NULL AND r.completed_at IS NOT NULL
        AND r.status NOT IN ('pending', 'running')
) AS ended
GROUP BY workspace_id, automation_id, day, border;

DROP TABLE length_border;

INSERT INTO cost_rollup (workspace_id, automation_id, day, runs, cost)
SELECT r.workspace_id, r.automation_id, substr(r.started_order, 1, 10) AS day, COUNT(*),
    CAST(SUM(r.cost_spent + COALESCE(r.cost_overrun, 0)) AS INTEGER)
FROM run r WHERE r.cost_spent IS NOT NULL AND r.status NOT IN ('pending', 'running')
GROUP BY r.workspace_id, r.automation_id, substr(r.started_order, 1, 10);

INSERT INTO usage_rollup (workspace_id, automation_id, day, phase, provider, model, calls,
    input_tokens, output_tokens, cost, unpriced)
SELECT r.workspace_id, r.automation_id, substr(r.started_order, 1, 10),
    COALESCE(json_extract(u.value, '$.phase'), ''), COALESCE(json_extract(u.value, '$.provider'), ''),
    COALESCE(json_extract(u.value, '$.model'), ''),
    SUM(json_extract(u.value, '$.sum.calls')),
    SUM(json_extract(u.value, '$.sum.input_tokens.known')),
    SUM(json_extract(u.value, '$.sum.output_tokens.known')),
    SUM(json_extract(u.value, '$.sum.cost.known')), SUM(json_extract(u.value, '$.sum.cost.unknown'))
FROM reported_run p JOIN run r ON r.workspace_id = p.workspace_id AND r.id = p.run_id
CROSS JOIN json_each(p.state, '$.usage') u
GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO incident_rollup (workspace_id, automation_id, day, cause, incidents)
SELECT n.workspace_id, n.automation_id, substr(n.occurred_at, 1, 10) AS day, n.cause, COUNT(*)
FROM incident n WHERE n.automation_id IS NOT NULL
GROUP BY n.workspace_id, n.automation_id, substr(n.occurred_at, 1, 10), n.cause;
