-- What a workspace tells the outside: webhooks, the outbox of their deliveries, and the secrets that
-- requests are signed with.

CREATE TABLE webhook (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    -- What it listens to, as a JSON array of event kinds.
    events TEXT NOT NULL,
    -- What links in its deliveries begin with.
    site TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    disabled_at TIMESTAMPTZ,
    disabled_because TEXT CHECK (disabled_because IN ('asked', 'gone')),
    removed_at TIMESTAMPTZ,
    CHECK ((disabled_at IS NULL) = (disabled_because IS NULL)),
    UNIQUE (workspace_id, id)
);

-- Asked in every transaction in which something happens that webhooks can listen to.
CREATE INDEX webhook_listening ON webhook (workspace_id, id)
    WHERE removed_at IS NULL AND disabled_at IS NULL;

CREATE TABLE delivery (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    webhook_id UUID NOT NULL,
    event TEXT NOT NULL,
    -- The exact bytes that are signed and sent, however often.
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'delivered', 'failed')),
    -- The fence: attempts begun.
    attempt BIGINT NOT NULL CHECK (attempt >= 0),
    -- Attempts since it was queued last; a replay begins anew.
    tries BIGINT NOT NULL CHECK (tries >= 0),
    -- When the next attempt is due, or the lease of the present one ends; null while it waits for
    -- nothing or for its webhook to be enabled.
    due_at TIMESTAMPTZ,
    claimed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CHECK (state NOT IN ('delivered', 'failed') OR (due_at IS NULL AND ended_at IS NOT NULL)),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhook (workspace_id, id)
);

CREATE INDEX delivery_due ON delivery (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_list ON delivery (workspace_id, created_at, id);
CREATE INDEX delivery_state ON delivery (workspace_id, state, created_at, id);
CREATE INDEX delivery_webhook ON delivery (workspace_id, webhook_id, created_at, id);

-- Written once, when the attempt ended.
CREATE TABLE delivery_attempt (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    -- As it was sent.
    signature TEXT,
    status BIGINT,
    -- The beginning of the answer.
    response TEXT,
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT CHECK (failure_kind IN ('transient', 'deterministic', 'unknown')),
    CHECK ((failure_code IS NULL) = (failure_kind IS NULL)),
    UNIQUE (delivery_id, number),
    FOREIGN KEY (workspace_id, delivery_id) REFERENCES delivery (workspace_id, id)
);

-- Sealed with a key that is kept outside of the database.
CREATE TABLE signing_secret (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    -- Whose requests it signs: those to a webhook, those of actioners to a destination, or those that
    -- come to an inbound endpoint.
    webhook_id UUID,
    destination TEXT,
    inbound_id UUID,
    -- Which key it is sealed with.
    key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- Another took its place: until then it signs, too.
    ends_at TIMESTAMPTZ,
    CHECK (CASE WHEN webhook_id IS NULL THEN 0 ELSE 1 END + CASE WHEN destination IS NULL THEN 0 ELSE 1 END
        + CASE WHEN inbound_id IS NULL THEN 0 ELSE 1 END = 1),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhook (workspace_id, id)
);

CREATE INDEX signing_secret_webhook ON signing_secret (workspace_id, webhook_id)
    WHERE webhook_id IS NOT NULL;
CREATE INDEX signing_secret_inbound ON signing_secret (workspace_id, inbound_id)
    WHERE inbound_id IS NOT NULL;
CREATE INDEX signing_secret_destination ON signing_secret (workspace_id, destination)
    WHERE destination IS NOT NULL;

CREATE TRIGGER delivery_attempt_no_change BEFORE UPDATE OR DELETE ON delivery_attempt
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delivery_attempt_no_truncate BEFORE TRUNCATE ON delivery_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE delivery_attempt ENABLE ALWAYS TRIGGER delivery_attempt_no_change;
ALTER TABLE delivery_attempt ENABLE ALWAYS TRIGGER delivery_attempt_no_truncate;

-- What was signed and sent stays what it was.
CREATE FUNCTION keep_what_is_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.workspace_id, OLD.webhook_id, OLD.event, OLD.body, OLD.created_at)
        IS DISTINCT FROM
        (NEW.id, NEW.workspace_id, NEW.webhook_id, NEW.event, NEW.body, NEW.created_at) THEN
        RAISE EXCEPTION 'what a delivery says cannot change';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER delivery_body_no_update BEFORE UPDATE ON delivery
    FOR EACH ROW EXECUTE FUNCTION keep_what_is_sent();
ALTER TABLE delivery ENABLE ALWAYS TRIGGER delivery_body_no_update;
