"""The real binary with a database of its own, used by command line and over HTTP."""

import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import uuid

import requests

ROLES = ["owner", "operator", "approver", "auditor", "viewer"]

#: How long anything may take before the test gives up, in seconds.
PATIENCE = 60

#: Listens to events of the type `checked`.
LISTENS = """\
key: listens
name: Listens
trigger: { kind: governed-event, type: checked }
subjects: { from: event, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
"""

#: Asks a person before it acts.
ASKS = """\
key: asks
name: Asks
trigger: { kind: manual-request }
subjects: { from: event, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }
"""

#: Fails at once: nothing is listed among the destinations.
FAILS = """\
key: fails
name: Fails
trigger: { kind: manual-request }
subjects: { from: event, kind: account }
action: { actioner: notify.http, with: { url: 'https://nowhere.example/' } }
on-item-failure: hold
"""


def until(what, look):
    """Waits until `look` gives something, and gives that."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited too long for {what}")


class Client:
    """A program of a member."""

    def __init__(self, origin, token):
        self.base = f"{origin}/api/v1/workspaces/north"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path, **query):
        answer = self.session.get(self.base + path, params=query, timeout=PATIENCE)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path, body, **headers):
        """Sends JSON, or bytes with the headers that describe them."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(path, json.dumps(body).encode(), {"content-type": "application/json"} | headers)

    def send(self, path, body, headers):
        headers = {"idempotency-key": f'"{uuid.uuid4()}"'} | headers
        answer = self.session.post(self.base + path, data=body, headers=headers, timeout=PATIENCE)
        assert answer.ok, answer.text
        return answer.json()

    def ended(self, run):
        """A run, once it has ended."""

        def look():
            found = self.get(f"/runs/{run}")
            return found if found["run"]["completed_at"] else None

        return until(f"the end of {run}", look)


class House:
    """A workspace `north` with a member of every role, three definitions and three accounts."""

    def __init__(self, *flags):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assize-interop-"))
        self.said = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "ASSIZE_DATABASE_URL": f"sqlite:{self.folder / 'assize.sqlite'}",
            "ASSIZE_LOG": "warn,server=info,assize=info",
        }
        self.process = None
        try:
            self._furnish()
            self._serve(flags)
        except BaseException:
            self.stop()
            raise

    def command(self, *arguments, text=None):
        """A command that has to succeed; gives what it printed."""
        done = subprocess.run(
            [binary(), "--format", "json", *arguments],
            cwd=self.folder, env=self.environment, input=text, capture_output=True, text=True, timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout)

    def token(self, role, name="Interop"):
        """The secret of a token that may do all that the role may."""
        return self.command("token", "create", name, "--member", f"{role}@north.example")["secret"]

    def client(self, role="owner"):
        return Client(self.origin, self.token(role))

    def runs(self):
        """One run of each definition: one that ended, one that asks, one that is held for its failed item."""
        owner = self.client()
        about = {"subject": {"kind": "account", "key": "ACC-1"}}
        told = {"kind": "governed-event", "source": "desk", "external_id": "1", "type": "checked"}
        runs = {"listens": owner.post("/events", told | about)["runs"][0]}
        for key in ("asks", "fails"):
            runs[key] = owner.post(f"/automations/{key}/requests", about)["runs"][0]

        def settled():
            items = [owner.get(f"/runs/{run}/items")["data"] for run in runs.values()]
            states = [item["state"] for of_run in items for item in of_run]
            return sorted(states) == ["awaiting-approval", "failed", "succeeded"]

        until("the runs to come as far as they can", settled)
        return runs

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _furnish(self):
        self.command("migrate")
        self.command("workspace", "add", "north", "North Branch")
        for role in ROLES:
            self.command("member", "add", f"{role}@north.example", "--name", role.title(), "--role", role)
        self.command(
            "member", "window", "grant", "auditor@north.example", "--from", "2020-01-01", "--to", "2029-12-31"
        )
        for name, text in [("listens", LISTENS), ("asks", ASKS), ("fails", FAILS)]:
            (self.folder / f"{name}.yaml").write_text(text)
        self.command("apply", "listens.yaml", "asks.yaml", "fails.yaml")
        rows = [json.dumps({"key": f"ACC-{n}", "status": "active"}) for n in (1, 2, 3)]
        self.command("import", "-", "--input", "ndjson", "--kind", "account", text="\n".join(rows))

    def _serve(self, flags):
        self.process = subprocess.Popen(
            [binary(), "serve", "--no-migrate", "--listen", "127.0.0.1:0", *flags],
            cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, text=True,
        )
        lines = queue.Queue()
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()
        self.origin = self._awaited(lines, r"origin=(http://\S+)")
        self.metrics = None
        if "--metrics-listen" in flags:
            self.metrics = self._awaited(lines, r"metrics=(http://\S+)")

    def _listen(self, lines):
        for line in self.process.stderr:
            self.said.append(line)
            lines.put(line)
        lines.put(None)

    def _awaited(self, lines, pattern):
        for earlier in list(self.said):
            if found := re.search(pattern, earlier):
                return found[1]
        while (line := lines.get(timeout=PATIENCE)) is not None:
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError("the server ended:\n" + "".join(self.said))


def binary():
    named = os.environ.get("ASSIZE_BIN")
    assert named, "ASSIZE_BIN names no binary; run these tests by `cargo xtask test`"
    return named
