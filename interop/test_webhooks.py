"""What we send is verified by the reference library of Standard Webhooks."""

import http.server
import json
import threading

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from house import until

#: Tells a receiver by an action of its own.
NOTIFIES = """\
key: notifies-{port}
name: Notifies
trigger: {{ kind: governed-event, type: notify }}
subjects: {{ from: event, kind: account }}
action: {{ actioner: notify.http, with: {{ url: '{origin}/notify', body: {{ about: 'Prüfung' }} }} }}
"""


class Receiver:
    """Somebody else's system: writes down what it is sent, and refuses as often as it is told to."""

    def __init__(self):
        self.heard, self.refusals = [], 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.heard.append((self.path, dict(self.headers.items()), body))
                refused, receiver.refusals = receiver.refusals > 0, max(0, receiver.refusals - 1)
                self.send_response(500 if refused else 204)
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path, count=1):
        """What arrived there, once so much has."""

        def look():
            found = [(headers, body) for where, headers, body in self.heard if where == path]
            return found if len(found) >= count else None

        return until(f"{count} requests to {path}", look)


@pytest.fixture
def receiver(house):
    started = Receiver()
    house.command("destination", "allow", started.origin, "--private")
    yield started
    started.server.shutdown()


def add(house, receiver, path, *events):
    flags = [flag for event in events for flag in ("--event", event)]
    return house.command("webhook", "add", receiver.origin + path, "--name", "Interop", *flags)


def remove(house, made):
    house.command("webhook", "remove", made["webhook"]["id"])


def happen(house, number, kind="checked"):
    """Something that brings about a run; gives the run."""
    told = {"kind": "governed-event", "source": "webhooks", "external_id": f"{kind}-{number}", "type": kind}
    about = {"subject": {"kind": "account", "key": "ACC-2"}}
    (run,) = house.client("operator").post("/events", told | about)["runs"]
    return run


def test_the_end_of_a_run_is_told_and_verifies(house, receiver):
    made = add(house, receiver, "/finished", "run.finished")
    run = happen(house, receiver.port)
    ((headers, body),) = receiver.at("/finished")
    told = Webhook(made["secret"]).verify(body, headers)
    assert (told["type"], told["data"]["run"]) == ("run.finished", run)
    assert told["data"]["url"].endswith(f"/w/north/governance/automation/runs/{run}")
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(body.replace(b"finished", b"happened"), headers)
    remove(house, made)


def test_a_second_try_verifies_under_the_same_id(house, receiver):
    made = add(house, receiver, "/again", "run.failed")
    receiver.refusals = 1
    queued = house.command("webhook", "test", made["webhook"]["id"])
    (first, second) = receiver.at("/again", 2)
    assert first[1] == second[1]
    for headers, body in (first, second):
        assert Webhook(made["secret"]).verify(body, headers)["type"] == "webhook.test"
        assert headers["webhook-id"] == queued["id"]
    remove(house, made)


def test_both_secrets_verify_while_they_are_exchanged(house, receiver):
    made = add(house, receiver, "/rotated", "run.failed")
    renewed = house.command("webhook", "rotate", made["webhook"]["id"])
    house.command("webhook", "test", made["webhook"]["id"])
    ((headers, body),) = receiver.at("/rotated")
    for secret in (made["secret"], renewed["secret"]):
        assert Webhook(secret).verify(body, headers) == json.loads(body)
    remove(house, made)


def test_what_an_action_sends_verifies_where_its_destination_has_a_secret(house, receiver):
    (house.folder / "notifies.yaml").write_text(NOTIFIES.format(port=receiver.port, origin=receiver.origin))
    house.command("apply", "notifies.yaml")
    secret = house.command("destination", "sign", receiver.origin)["secret"]
    happen(house, receiver.port, "notify")
    ((headers, body),) = receiver.at("/notify")
    assert Webhook(secret).verify(body, headers) == {"about": "Prüfung"}
    assert headers["idempotency-key"] == f'"{headers["webhook-id"]}"'
