#!/usr/bin/env python3
"""An agent that reports its own run to Assize: nothing but the standard library.

    ASSIZE_URL=https://assize.example ASSIZE_TOKEN=asz_… agent.py --workspace main --run research-1

It works through twelve steps in two phases, calls three tools, commits two records and uses a language model.
Every statement it makes has a number of its own, which it writes into its journal *after* Assize has taken the
statement in. When it is killed and started again it goes on behind its journal; what it then says a second time
changes nothing.
"""

import argparse
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone

STEPS = 12
#: Steps that call a tool, that commit a record, and that use a model.
TOOLS = {2: "search", 5: "fetch", 9: "search"}
WRITES = {8: "finding", 12: "summary"}
MODELS = {3: (1200, 300), 7: (800, 200), 11: (400, 100)}
#: Numbers that a step may use.
ROOM = 10


class Reporter:
    """Sends statements, and again until somebody has taken them in."""

    def __init__(self, url, token, workspace, run, automation):
        self.address = f"{url}/api/v1/workspaces/{workspace}/runs/reported"
        self.token, self.run, self.automation = token, run, automation

    def say(self, *statements):
        body = {"external_id": self.run, "automation": self.automation, "statements": list(statements)}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.address, json.dumps(body).encode(), headers)
        for pause in (0.2, 0.5, 1, 2, None):
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    told = json.load(answer)
                break
            except urllib.error.HTTPError as error:
                if error.code < 500 or pause is None:
                    sys.exit(f"refused: {error.read().decode()}")
            except OSError:
                if pause is None:
                    raise
            time.sleep(pause)
        if told["stop"]:
            sys.exit("a kill switch is pressed")
        return told


def now():
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")


def statements_of(step):
    """Everything there is to say about a step once it is done."""
    phase = "plan" if step <= 4 else "act"
    seq = iter(range(step * ROOM + 1, (step + 1) * ROOM))
    common = {"at": now(), "phase": phase}
    if step == 5:
        yield {"seq": next(seq), "type": "phase", "name": "act", "at": common["at"]}
    if step in TOOLS:
        yield {"seq": next(seq), "type": "invocation", "name": TOOLS[step], "tries": 1, **common}
    if step in MODELS:
        tokens = dict(zip(("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"), MODELS[step]))
        attributes = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o", **tokens}
        yield {"seq": next(seq), "type": "usage", "attributes": attributes, **common}
    if step in WRITES:
        yield {"seq": next(seq), "type": "write", "name": WRITES[step], **common}
    yield {"seq": next(seq), "type": "count", "counters": {"candidates": 4}, **common}
    yield {"seq": next(seq), "type": "step", "name": f"step {step}", "began": step * ROOM, **common}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--workspace", default="main")
    arguments.add_argument("--run", required=True, help="the run's id, of your own choice")
    arguments.add_argument("--automation", default="research-agent")
    arguments.add_argument("--journal", default="agent.journal", type=pathlib.Path)
    arguments.add_argument("--heartbeat", default=60, type=int, help="seconds of silence that are too many")
    arguments.add_argument("--pause-at", type=int, help="wait for a line on the standard input in this step")
    asked = arguments.parse_args()
    reporter = Reporter(
        os.environ["ASSIZE_URL"], os.environ["ASSIZE_TOKEN"], asked.workspace, asked.run, asked.automation
    )
    done = int(asked.journal.read_text()) if asked.journal.exists() else 0
    if done == 0:
        reporter.say(
            {"seq": 0, "type": "start", "at": now(), "heartbeat_seconds": asked.heartbeat},
            {"seq": 1, "type": "phase", "at": now(), "name": "plan"},
        )
    for step in range(done + 1, STEPS + 1):
        begun = {"seq": step * ROOM, "type": "step", "name": f"step {step}", "status": "started", "at": now()}
        reporter.say(begun)
        if step == asked.pause_at:
            print("paused", flush=True)
            sys.stdin.readline()
        reporter.say(*statements_of(step))
        asked.journal.write_text(str(step))
    told = reporter.say({
        "seq": (STEPS + 1) * ROOM, "type": "finish", "at": now(), "outcome": "success",
        "summary": f"Worked through {STEPS} steps.",
    })
    print(told["run"])


if __name__ == "__main__":
    main()
