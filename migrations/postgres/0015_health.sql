-- What health is read from: how long runs took, what they cost, which models were used, and what
-- incidents were put down to, added up by automation and day. Kept in the transaction of every change;
-- days are those on which runs started, in UTC, and those on which incidents happened.

-- A histogram of lengths: a doubling has four buckets, whose borders are whole milliseconds.
CREATE TABLE length_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    day DATE NOT NULL,
    bucket BIGINT NOT NULL,
    runs BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id, bucket)
);

-- Runs that ended of which it is known what they cost, in thousand-millionths of a US dollar.
CREATE TABLE cost_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    day DATE NOT NULL,
    runs BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id)
);

-- What reported runs used of models. A text is empty where it was not said.
CREATE TABLE usage_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    day DATE NOT NULL,
    phase TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    calls BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    -- Calls of which it is not known what they cost.
    unpriced BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id, phase, provider, model)
);

CREATE TABLE incident_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    day DATE NOT NULL,
    cause TEXT NOT NULL,
    incidents BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, automation_id, cause)
);

-- What was there before is added up once, by the same borders and the same days.

CREATE TABLE length_border (
    bucket BIGINT NOT NULL PRIMARY KEY,
    shortest BIGINT NOT NULL UNIQUE
);

WITH RECURSIVE n(bucket) AS (
    SELECT CAST(0 AS BIGINT) UNION ALL SELECT bucket + 1 FROM n WHERE bucket < 180
)
INSERT INTO length_border (bucket, shortest)
SELECT bucket, CASE WHEN bucket < 4 THEN bucket ELSE (4 + bucket % 4) << CAST(bucket / 4 - 1 AS INTEGER) END FROM n;

INSERT INTO length_rollup (workspace_id, automation_id, day, bucket, runs)
SELECT workspace_id, automation_id, day,
    (SELECT bucket FROM length_border WHERE shortest <= took ORDER BY shortest DESC LIMIT 1) AS border,
    COUNT(*)
FROM (
    SELECT r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE) AS day,
        GREATEST(0, CAST(TRUNC(EXTRACT(EPOCH FROM r.completed_at - r.started_at) * 1000) AS BIGINT)) AS took
    FROM run r WHERE r.started_at IS NOT NULL AND r.completed_at IS NOT NULL
        AND r.status NOT IN ('pending', 'running')
) AS ended
GROUP BY workspace_id, automation_id, day, border;

DROP TABLE length_border;

INSERT INTO cost_rollup (workspace_id, automation_id, day, runs, cost)
SELECT r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE) AS day, COUNT(*),
    CAST(SUM(r.cost_spent + COALESCE(r.cost_overrun, 0)) AS BIGINT)
FROM run r WHERE r.cost_spent IS NOT NULL AND r.status NOT IN ('pending', 'running')
GROUP BY r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE);

INSERT INTO usage_rollup (workspace_id, automation_id, day, phase, provider, model, calls,
    input_tokens, output_tokens, cost, unpriced)
SELECT r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE),
    COALESCE(u.value ->> 'phase', ''), COALESCE(u.value ->> 'provider', ''),
    COALESCE(u.value ->> 'model', ''),
    CAST(SUM((u.value #>> '{sum,calls}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,input_tokens,known}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,output_tokens,known}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,cost,known}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,cost,unknown}')::bigint) AS BIGINT)
FROM reported_run p JOIN run r ON r.workspace_id = p.workspace_id AND r.id = p.run_id
CROSS JOIN LATERAL jsonb_array_elements(p.state::jsonb -> 'usage') AS u(value)
GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO incident_rollup (workspace_id, automation_id, day, cause, incidents)
SELECT n.workspace_id, n.automation_id, CAST(n.occurred_at AT TIME ZONE 'UTC' AS DATE) AS day, n.cause, COUNT(*)
FROM incident n WHERE n.automation_id IS NOT NULL
GROUP BY n.workspace_id, n.automation_id, CAST(n.occurred_at AT TIME ZONE 'UTC' AS DATE), n.cause;
