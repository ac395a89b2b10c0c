-- What a workspace tells the outside: webhooks, the outbox of their deliveries, and the secrets that
-- requests are signed with.

CREATE TABLE webhook (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    -- What it listens to, as a JSON array of event kinds.
    events TEXT NOT NULL,
    -- What links in its deliveries begin with.
    site TEXT NOT NULL,
    created_at TEXT NOT NULL,
    disabled_at TEXT,
    disabled_because TEXT CHECK (disabled_because IN ('asked', 'gone')),
    removed_at TEXT,
    CHECK ((disabled_at IS NULL) = (disabled_because IS NULL)),
    UNIQUE (workspace_id, id)
) STRICT;

-- Asked in every transaction in which something happens that webhooks can listen to.
CREATE INDEX webhook_listening ON webhook (workspace_id, id)
    WHERE removed_at IS NULL AND disabled_at IS NULL;

CREATE TABLE delivery (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    webhook_id BLOB NOT NULL,
    event TEXT NOT NULL,
    -- The exact bytes that are signed and sent, however often.
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'delivered', 'failed')),
    -- The fence: attempts begun.
    attempt INTEGER NOT NULL CHECK (attempt >= 0),
    -- Attempts since it was queued last; a replay begins anew.
    tries INTEGER NOT NULL CHECK (tries >= 0),
    -- When the next attempt is due, or the lease of the present one ends; null while it waits for
    -- nothing or for its webhook to be enabled.
    due_at TEXT,
    claimed_at TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    CHECK (state NOT IN ('delivered', 'failed') OR (due_at IS NULL AND ended_at IS NOT NULL)),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhook (workspace_id, id)
) STRICT;

CREATE INDEX delivery_due ON delivery (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_list ON delivery (workspace_id, created_at, id);
CREATE INDEX delivery_state ON delivery (workspace_id, state, created_at, id);
CREATE INDEX delivery_webhook ON delivery (workspace_id, webhook_id, created_at, id);

-- Written once, when the attempt ended.
CREATE TABLE delivery_attempt (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    delivery_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    -- As it was sent.
    signature TEXT,
    status INTEGER,
    -- The beginning of the answer.
    response TEXT,
    failure_code TEXT,
    failure_message TEXT,
    failure_kind TEXT CHECK (failure_kind IN ('transient', 'deterministic', 'unknown')),
    CHECK ((failure_code IS NULL) = (failure_kind IS NULL)),
    UNIQUE (delivery_id, number),
    FOREIGN KEY (workspace_id, delivery_id) REFERENCES delivery (workspace_id, id)
) STRICT;

-- Sealed with a key that is kept outside of the database.
CREATE TABLE signing_secret (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    -- Whose requests it signs: those to a webhook, those of actioners to a destination, or those that
    -- come to an inbound endpoint.
    webhook_id BLOB,
    destination TEXT,
    inbound_id BLOB,
    -- Which key it is sealed with.
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    -- Another took its place: until then it signs, too.
    ends_at TEXT,
    CHECK (CASE WHEN webhook_id IS NULL THEN 0 ELSE 1 END + CASE WHEN destination IS NULL THEN 0 ELSE 1 END
        + CASE WHEN inbound_id IS NULL THEN 0 ELSE 1 END = 1),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhook (workspace_id, id)
) STRICT;

CREATE INDEX signing_secret_webhook ON signing_secret (workspace_id, webhook_id)
    WHERE webhook_id IS NOT NULL;
CREATE INDEX signing_secret_inbound ON signing_secret (workspace_id, inbound_id)
    WHERE inbound_id IS NOT NULL;
CREATE INDEX signing_secret_destination ON signing_secret (workspace_id, destination)
    WHERE destination IS NOT NULL;

CREATE TRIGGER delivery_attempt_no_update BEFORE UPDATE ON delivery_attempt
BEGIN SELECT RAISE(ABORT, 'delivery_attempt is append-only'); END;
CREATE TRIGGER delivery_attempt_no_delete BEFORE DELETE ON delivery_attempt
BEGIN SELECT RAISE(ABORT, 'delivery_attempt is append-only'); END;
CREATE TRIGGER delivery_attempt_no_replace BEFORE INSERT ON delivery_attempt
WHEN EXISTS (SELECT 1 FROM delivery_attempt WHERE rowid = NEW.rowid OR id = NEW.id)
    OR EXISTS (SELECT 1 FROM delivery_attempt
        WHERE delivery_id = NEW.delivery_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'delivery_attempt exists already'); END;

-- What was signed and sent stays what it was.
CREATE TRIGGER delivery_body_no_update BEFORE UPDATE ON delivery
WHEN OLD.body IS NOT NEW.body OR OLD.event IS NOT NEW.event OR OLD.webhook_id IS NOT NEW.webhook_id
    OR OLD.id IS NOT NEW.id OR OLD.workspace_id IS NOT NEW.workspace_id
    OR OLD.created_at IS NOT NEW.created_at
BEGIN SELECT RAISE(ABORT, 'what a delivery says cannot change'); END;
