-- What health is read from: how long runs took, what they cost, which models were used, and what
-- incidents were put down to, added up by automation and day. Kept in the transaction of every change;
-- days are those on which runs started, in UTC, and those on which incidents happened.

-- What charts are drawn of, a month a row and a column for each of its days. A figure is runs:STATUS,
-- length:BUCKET (ended runs; a doubling has four buckets, whose borders are whole milliseconds), costed (ended runs
-- of which it is known what they cost) or cost (of those, in thousand-millionths of a US dollar).
CREATE TABLE figure_rollup (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    -- Its first day.
    month TEXT NOT NULL,
    figure TEXT NOT NULL,
    d1 INTEGER NOT NULL DEFAULT 0, d2 INTEGER NOT NULL DEFAULT 0, d3 INTEGER NOT NULL DEFAULT 0, d4 INTEGER NOT NULL DEFAULT 0,
    d5 INTEGER NOT NULL DEFAULT 0, d6 INTEGER NOT NULL DEFAULT 0, d7 INTEGER NOT NULL DEFAULT 0, d8 INTEGER NOT NULL DEFAULT 0,
    d9 INTEGER NOT NULL DEFAULT 0, d10 INTEGER NOT NULL DEFAULT 0, d11 INTEGER NOT NULL DEFAULT 0, d12 INTEGER NOT NULL DEFAULT 0,
    d13 INTEGER NOT NULL DEFAULT 0, d14 INTEGER NOT NULL DEFAULT 0, d15 INTEGER NOT NULL DEFAULT 0, d16 INTEGER NOT NULL DEFAULT 0,
    d17 INTEGER NOT NULL DEFAULT 0, d18 INTEGER NOT NULL DEFAULT 0, d19 INTEGER NOT NULL DEFAULT 0, d20 INTEGER NOT NULL DEFAULT 0,
    d21 INTEGER NOT NULL DEFAULT 0, d22 INTEGER NOT NULL DEFAULT 0, d23 INTEGER NOT NULL DEFAULT 0, d24 INTEGER NOT NULL DEFAULT 0,
    d25 INTEGER NOT NULL DEFAULT 0, d26 INTEGER NOT NULL DEFAULT 0, d27 INTEGER NOT NULL DEFAULT 0, d28 INTEGER NOT NULL DEFAULT 0,
    d29 INTEGER NOT NULL DEFAULT 0, d30 INTEGER NOT NULL DEFAULT 0, d31 INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, month, automation_id, figure)
) STRICT, WITHOUT ROWID;

-- Sums of days and of whole months; day is the first of them.

-- What reported runs used of models. A text is empty where it was not said.
CREATE TABLE usage_rollup (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    span TEXT NOT NULL CHECK (span IN ('day', 'month')),
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
    PRIMARY KEY (workspace_id, span, day, automation_id, phase, provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident_rollup (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    span TEXT NOT NULL CHECK (span IN ('day', 'month')),
    day TEXT NOT NULL,
    cause TEXT NOT NULL,
    incidents INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, span, day, automation_id, cause)
) STRICT, WITHOUT ROWID;

-- What was there before is added up once, by the same borders and the same days.

CREATE TABLE figure_of_day (
    workspace_id BLOB NOT NULL,
    automation_id BLOB NOT NULL,
    day TEXT NOT NULL,
    figure TEXT NOT NULL,
    n INTEGER NOT NULL
);

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT workspace_id, automation_id, day, 'runs:' || status, CAST(SUM(runs) AS INTEGER)
FROM run_rollup WHERE basis = 'started' GROUP BY workspace_id, automation_id, day, status;

CREATE TABLE length_border (
    bucket INTEGER NOT NULL PRIMARY KEY,
    shortest INTEGER NOT NULL UNIQUE
);

WITH RECURSIVE n(bucket) AS (
    SELECT CAST(0 AS INTEGER) UNION ALL SELECT bucket + 1 FROM n WHERE bucket < 180
)
INSERT INTO length_border (bucket, shortest)
SELECT bucket, CASE WHEN bucket < 4 THEN bucket ELSE (4 + bucket % 4) << (bucket / 4 - 1) END FROM n;

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT workspace_id, automation_id, day, 'length:' ||
    (SELECT bucket FROM length_border WHERE shortest <= took ORDER BY shortest DESC LIMIT 1) AS length,
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
GROUP BY workspace_id, automation_id, day, length;

DROP TABLE length_border;

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT r.workspace_id, r.automation_id, substr(r.started_order, 1, 10) AS day, 'costed', COUNT(*)
FROM run r WHERE r.cost_spent IS NOT NULL AND r.status NOT IN ('pending', 'running')
GROUP BY r.workspace_id, r.automation_id, substr(r.started_order, 1, 10);

INSERT INTO figure_of_day (workspace_id, automation_id, day, figure, n)
SELECT r.workspace_id, r.automation_id, substr(r.started_order, 1, 10) AS day, 'cost',
    CAST(SUM(r.cost_spent + COALESCE(r.cost_overrun, 0)) AS INTEGER)
FROM run r WHERE r.cost_spent IS NOT NULL AND r.status NOT IN ('pending', 'running')
GROUP BY r.workspace_id, r.automation_id, substr(r.started_order, 1, 10);

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
    SELECT workspace_id, automation_id, substr(day, 1, 8) || '01' AS month,
        CAST(substr(day, 9, 2) AS INTEGER) AS place, figure, n
    FROM figure_of_day
) AS of_month
GROUP BY workspace_id, automation_id, month, figure;

DROP TABLE figure_of_day;

INSERT INTO usage_rollup (workspace_id, automation_id, span, day, phase, provider, model, calls,
    input_tokens, output_tokens, cost, unpriced)
SELECT r.workspace_id, r.automation_id, 'day', substr(r.started_order, 1, 10),
    COALESCE(json_extract(u.value, '$.phase'), ''), COALESCE(json_extract(u.value, '$.provider'), ''),
    COALESCE(json_extract(u.value, '$.model'), ''),
    SUM(json_extract(u.value, '$.sum.calls')),
    SUM(json_extract(u.value, '$.sum.input_tokens.known')),
    SUM(json_extract(u.value, '$.sum.output_tokens.known')),
    SUM(json_extract(u.value, '$.sum.cost.known')), SUM(json_extract(u.value, '$.sum.cost.unknown'))
FROM reported_run p JOIN run r ON r.workspace_id = p.workspace_id AND r.id = p.run_id
CROSS JOIN json_each(p.state, '$.usage') u
GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO incident_rollup (workspace_id, automation_id, span, day, cause, incidents)
SELECT n.workspace_id, n.automation_id, 'day', substr(n.occurred_at, 1, 10) AS day, n.cause, COUNT(*)
FROM incident n WHERE n.automation_id IS NOT NULL
GROUP BY n.workspace_id, n.automation_id, substr(n.occurred_at, 1, 10), n.cause;

INSERT INTO usage_rollup (workspace_id, automation_id, span, day, phase, provider, model, calls,
    input_tokens, output_tokens, cost, unpriced)
SELECT workspace_id, automation_id, 'month', substr(day, 1, 8) || '01', phase, provider, model,
    CAST(SUM(calls) AS INTEGER), CAST(SUM(input_tokens) AS INTEGER), CAST(SUM(output_tokens) AS INTEGER),
    CAST(SUM(cost) AS INTEGER), CAST(SUM(unpriced) AS INTEGER)
FROM usage_rollup
GROUP BY workspace_id, automation_id, substr(day, 1, 8) || '01', phase, provider, model;

INSERT INTO incident_rollup (workspace_id, automation_id, span, day, cause, incidents)
SELECT workspace_id, automation_id, 'month', substr(day, 1, 8) || '01', cause, CAST(SUM(incidents) AS INTEGER)
FROM incident_rollup
GROUP BY workspace_id, automation_id, substr(day, 1, 8) || '01', cause;
