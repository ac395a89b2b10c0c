-- What people say about incidents, and what was written by SQL and is not in the log yet.

-- A settlement is an addition: the incident itself never changes. Written once.
CREATE TABLE incident_settlement (
    incident_id BLOB NOT NULL PRIMARY KEY REFERENCES incident (id),
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    note TEXT NOT NULL CHECK (note <> ''),
    settled_by BLOB,
    settled_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER incident_settlement_no_update BEFORE UPDATE ON incident_settlement
BEGIN SELECT RAISE(ABORT, 'incident_settlement is append-only'); END;
CREATE TRIGGER incident_settlement_no_delete BEFORE DELETE ON incident_settlement
BEGIN SELECT RAISE(ABORT, 'incident_settlement is append-only'); END;
CREATE TRIGGER incident_settlement_no_replace BEFORE INSERT ON incident_settlement
WHEN EXISTS (SELECT 1 FROM incident_settlement WHERE incident_id = NEW.incident_id)
BEGIN SELECT RAISE(ABORT, 'incident_settlement exists already'); END;

-- Reports and incidents that wait for their entry in the audit log, which tells the webhooks, too. Only the
-- functions of Postgres leave any.
CREATE TABLE unentered (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    kind TEXT NOT NULL CHECK (kind IN ('report', 'incident'))
) STRICT, WITHOUT ROWID;
