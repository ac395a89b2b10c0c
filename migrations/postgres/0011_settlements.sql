-- What people say about incidents, and what was written by SQL and is not in the log yet.

-- A settlement is an addition: the incident itself never changes. Written once.
CREATE TABLE incident_settlement (
    incident_id UUID NOT NULL PRIMARY KEY REFERENCES incident (id),
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    note TEXT NOT NULL CHECK (note <> ''),
    settled_by UUID,
    settled_at TIMESTAMPTZ NOT NULL
);

CREATE TRIGGER incident_settlement_no_change BEFORE UPDATE OR DELETE ON incident_settlement
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_settlement_no_truncate BEFORE TRUNCATE ON incident_settlement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE incident_settlement ENABLE ALWAYS TRIGGER incident_settlement_no_change;
ALTER TABLE incident_settlement ENABLE ALWAYS TRIGGER incident_settlement_no_truncate;

-- Reports and incidents that wait for their entry in the audit log, which tells the webhooks, too. Only the
-- functions of 0005_reports leave any: a leaf and what it is sealed with cannot be made in SQL.
CREATE TABLE unentered (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    kind TEXT NOT NULL CHECK (kind IN ('report', 'incident'))
);
