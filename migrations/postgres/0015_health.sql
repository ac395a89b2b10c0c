-- What health is read from: how long runs took, what they cost, which models were used, and what
-- incidents were put down to, added up by automation and day. Kept in the transaction of every change;
-- days are those on which runs started, in UTC, and those on which incidents happened.

-- What charts are drawn of, a month a row and a column for each of its days. A figure is runs:STATUS,
-- length:BUCKET (ended runs; a doubling has four buckets, whose borders are whole milliseconds), costed (ended runs
-- of which it is known what they cost) or cost (of those, in thousand-millionths of a US dollar).
CREATE TABLE figure_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    -- Its first day.
    month DATE NOT NULL,
    figure TEXT NOT NULL,
    d1 BIGINT NOT NULL DEFAULT 0, d2 BIGINT NOT NULL DEFAULT 0, d3 BIGINT NOT NULL DEFAULT 0, d4 BIGINT NOT NULL DEFAULT 0,
    d5 BIGINT NOT NULL DEFAULT 0, d6 BIGINT NOT NULL DEFAULT 0, d7 BIGINT NOT NULL DEFAULT 0, d8 BIGINT NOT NULL DEFAULT 0,
    d9 BIGINT NOT NULL DEFAULT 0, d10 BIGINT NOT NULL DEFAULT 0, d11 BIGINT NOT NULL DEFAULT 0, d12 BIGINT NOT NULL DEFAULT 0,
    d13 BIGINT NOT NULL DEFAULT 0, d14 BIGINT NOT NULL DEFAULT 0, d15 BIGINT NOT NULL DEFAULT 0, d16 BIGINT NOT NULL DEFAULT 0,
    d17 BIGINT NOT NULL DEFAULT 0, d18 BIGINT NOT NULL DEFAULT 0, d19 BIGINT NOT NULL DEFAULT 0, d20 BIGINT NOT NULL DEFAULT 0,
    d21 BIGINT NOT NULL DEFAULT 0, d22 BIGINT NOT NULL DEFAULT 0, d23 BIGINT NOT NULL DEFAULT 0, d24 BIGINT NOT NULL DEFAULT 0,
    d25 BIGINT NOT NULL DEFAULT 0, d26 BIGINT NOT NULL DEFAULT 0, d27 BIGINT NOT NULL DEFAULT 0, d28 BIGINT NOT NULL DEFAULT 0,
    d29 BIGINT NOT NULL DEFAULT 0, d30 BIGINT NOT NULL DEFAULT 0, d31 BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, month, automation_id, figure)
);

-- Sums of days and of whole months; day is the first of them.

-- What reported runs used of models. A text is empty where it was not said.
CREATE TABLE usage_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    span TEXT NOT NULL CHECK (span IN ('day', 'month')),
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
    PRIMARY KEY (workspace_id, span, day, automation_id, phase, provider, model)
);

CREATE TABLE incident_rollup (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    span TEXT NOT NULL CHECK (span IN ('day', 'month')),
    day DATE NOT NULL,
    cause TEXT NOT NULL,
    incidents BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, span, day, automation_id, cause)
);

-- What was there before is added up once, by the same borders and the same days.

CREATE TABLE figure_of_day (
    workspace_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    day DATE NOT NULL,
    figure TEXT NOT NULL,
    n BIGINT NOT NULL
);

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT workspace_id, automation_id, day, 'runs:' || status, CAST(SUM(runs) AS BIGINT)
FROM run_rollup WHERE basis = 'started' GROUP BY workspace_id, automation_id, day, status;

CREATE TABLE length_border (
    bucket BIGINT NOT NULL PRIMARY KEY,
    shortest BIGINT NOT NULL UNIQUE
);

WITH RECURSIVE n(bucket) AS (
    SELECT CAST(0 AS BIGINT) UNION ALL SELECT bucket + 1 FROM n WHERE bucket < 180
)
INSERT INTO length_border (bucket, shortest)
SELECT bucket, CASE WHEN bucket < 4 THEN bucket ELSE (4 + bucket % 4) << CAST(bucket / 4 - 1 AS INTEGER) END FROM n;

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT workspace_id, automation_id, day, 'length:' ||
    (SELECT bucket FROM length_border WHERE shortest <= took ORDER BY shortest DESC LIMIT 1) AS length,
    COUNT(*)
FROM (
    SELECT r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE) AS day,
        GREATEST(0, CAST(TRUNC(EXTRACT(EPOCH FROM r.completed_at - r.started_at) * 1000) AS BIGINT)) AS took
    FROM run r WHERE r.started_at IS NOT NULL AND r.completed_at IS NOT NULL
        AND r.status NOT IN ('pending', 'running')
) AS ended
GROUP BY workspace_id, automation_id, day, length;

DROP TABLE length_border;

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE) AS day, 'costed', COUNT(*)
FROM run r WHERE r.cost_spent IS NOT NULL AND r.status NOT IN ('pending', 'running')
GROUP BY r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE);

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE) AS day, 'cost',
    CAST(SUM(r.cost_spent + COALESCE(r.cost_overrun, 0)) AS BIGINT)
FROM run r WHERE r.cost_spent IS NOT NULL AND r.status NOT IN ('pending', 'running')
GROUP BY r.workspace_id, r.automation_id, CAST(r.started_order AT TIME ZONE 'UTC' AS DATE);

INSERT INTO figure_rollup (workspace_id, automation_id, month, figure,
    d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12, d13, d14, d15, d16,
    d17, d18, d19, d20, d21, d22, d23, d24, d25, d26, d27, d28, d29, d30, d31)
SELECT workspace_id, automation_id, month, figure,
    SUM(CASE place WHEN 1 THEN n ELSE 0 END), SUM(CASE place WHEN 2 THEN n ELSE 0 END), SUM(CASE place WHEN 3 THEN n ELSE 0 END),
    SUM(CASE place WHEN 4 THEN n ELSE 0 END), SUM(CASE place WHEN 5 THEN n ELSE 0 END), SUM(CASE place WHEN 6 THEN n ELSE 0 END),
    SUM(CASE place WHEN 7 THEN n ELSE 0 END), SUM(CASE place WHEN 8 THEN n ELSE 0 END), SUM(CASE place WHEN 9 THEN n ELSE 0 END),
    SUM(CASE place WHEN 10 THEN n ELSE 0 END), SUM(CASE place WHEN 11 THEN n ELSE 0 END), SUM(CASE place WHEN 12 THEN n ELSE 0 END),
    SUM(CASE place WHEN 13 THEN n ELSE 0 END), SUM(CASE place WHEN 14 THEN n ELSE 0 END), SUM(CASE place WHEN 15 THEN n ELSE 0 END),
    SUM(CASE place WHEN 16 THEN n ELSE 0 END), SUM(CASE place WHEN 17 THEN n ELSE 0 END), SUM(CASE place WHEN 18 THEN n ELSE 0 END),
    SUM(CASE place WHEN 19 THEN n ELSE 0 END), SUM(CASE place WHEN 20 THEN n ELSE 0 END), SUM(CASE place WHEN 21 THEN n ELSE 0 END),
    SUM(CASE place WHEN 22 THEN n ELSE 0 END), SUM(CASE place WHEN 23 THEN n ELSE 0 END), SUM(CASE place WHEN 24 THEN n ELSE 0 END),
    SUM(CASE place WHEN 25 THEN n ELSE 0 END), SUM(CASE place WHEN 26 THEN n ELSE 0 END), SUM(CASE place WHEN 27 THEN n ELSE 0 END),
    SUM(CASE place WHEN 28 THEN n ELSE 0 END), SUM(CASE place WHEN 29 THEN n ELSE 0 END), SUM(CASE place WHEN 30 THEN n ELSE 0 END),
    SUM(CASE place WHEN 31 THEN n ELSE 0 END)
FROM (
    SELECT workspace_id, automation_id, CAST(date_trunc('month', day) AS DATE) AS month,
        CAST(EXTRACT(DAY FROM day) AS BIGINT) AS place, figure, n
    FROM figure_of_day
) AS of_month
GROUP BY workspace_id, automation_id, month, figure;

DROP TABLE figure_of_day;

INSERT INTO usage_rollup (workspace_id, automation_id, span, day, phase, provider, model, calls,
    input_tokens, output_tokens, cost, unpriced)
SELECT r.workspace_id, r.automation_id, 'day', CAST(r.started_order AT TIME ZONE 'UTC' AS DATE),
    COALESCE(u.value ->> 'phase', ''), COALESCE(u.value ->> 'provider', ''),
    COALESCE(u.value ->> 'model', ''),
    CAST(SUM((u.value #>> '{sum,calls}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,input_tokens,known}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,output_tokens,known}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,cost,known}')::bigint) AS BIGINT),
    CAST(SUM((u.value #>> '{sum,cost,unknown}')::bigint) AS BIGINT)
FROM reported_run p JOIN run r ON r.workspace_id = p.workspace_id AND r.id = p.run_id
CROSS JOIN LATERAL jsonb_array_elements(p.state::jsonb -> 'usage') AS u(value)
GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO incident_rollup (workspace_id, automation_id, span, day, cause, incidents)
SELECT n.workspace_id, n.automation_id, 'day', CAST(n.occurred_at AT TIME ZONE 'UTC' AS DATE) AS day, n.cause, COUNT(*)
FROM incident n WHERE n.automation_id IS NOT NULL
GROUP BY n.workspace_id, n.automation_id, CAST(n.occurred_at AT TIME ZONE 'UTC' AS DATE), n.cause;

INSERT INTO usage_rollup (workspace_id, automation_id, span, day, phase, provider, model, calls,
    input_tokens, output_tokens, cost, unpriced)
SELECT workspace_id, automation_id, 'month', CAST(date_trunc('month', day) AS DATE), phase, provider, model,
    CAST(SUM(calls) AS BIGINT), CAST(SUM(input_tokens) AS BIGINT), CAST(SUM(output_tokens) AS BIGINT),
    CAST(SUM(cost) AS BIGINT), CAST(SUM(unpriced) AS BIGINT)
FROM usage_rollup
GROUP BY workspace_id, automation_id, CAST(date_trunc('month', day) AS DATE), phase, provider, model;

INSERT INTO incident_rollup (workspace_id, automation_id, span, day, cause, incidents)
SELECT workspace_id, automation_id, 'month', CAST(date_trunc('month', day) AS DATE), cause, CAST(SUM(incidents) AS BIGINT)
FROM incident_rollup
GROUP BY workspace_id, automation_id, CAST(date_trunc('month', day) AS DATE), cause;
