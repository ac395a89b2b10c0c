"""The agent of the example reports its run, is killed, falls silent, and goes on."""

import os
import pathlib
import subprocess
import sys

import jsonschema_rs
import pytest
import requests

from house import PATIENCE, until

AGENT = pathlib.Path(__file__).parent.parent / "examples" / "agent-report" / "agent.py"


@pytest.fixture(scope="module")
def client(house):
    return house.client("operator")


def start(house, journal, *flags):
    environment = os.environ | {"ASSIZE_URL": house.origin, "ASSIZE_TOKEN": house.token("operator")}
    named = ["--workspace", "north", "--run", "research-1", "--journal", journal, "--heartbeat", "1"]
    return subprocess.Popen(
        [sys.executable, AGENT, *named, *flags],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )


def only_run(client):
    (run,) = client.get("/runs", definition="research-agent")["data"]
    return run


def test_an_agent_is_killed_and_missed_and_goes_on(house, client, tmp_path):
    journal = tmp_path / "agent.journal"
    agent = start(house, journal, "--pause-at", "7")
    assert agent.stdout.readline() == "paused\n"
    agent.kill()
    agent.wait(PATIENCE)
    run = until("the agent to be missed", lambda: only_run(client) if only_run(client)["concern"] else None)
    assert (run["kind"], run["status"], run["concern"]) == ("reported", "running", "interrupted")
    (incident,) = client.get("/incidents", run=run["id"])["data"]
    assert incident["type"] == "interrupted"

    again = start(house, journal)
    told, _ = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0 and told.strip() == run["id"]
    found = client.get(f"/runs/{run['id']}")
    assert (found["run"]["status"], found["run"]["concern"]) == ("completed", None)
    assert found["reported"]["external_id"] == "research-1" and found["reported"]["steps_in_flight"] == 0
    verbs = [entry["verb"] for entry in client.get("/audit/entries", run=run["id"])["data"]]
    assert "run.resumed" in verbs

    metrics = client.get(f"/runs/{run['id']}/metrics")
    counters = metrics["counters"]
    assert (counters["steps"], counters["invocations"], counters["memory_writes"]) == (12, 3, 2)
    assert counters["named"] == {"candidates": 48}
    assert [timing["phase"] for timing in metrics["metrics"]["phase_timings"]] == ["plan", "act"]
    assert [line["phase"] for line in metrics["llm_usage"]["by_phase"]] == ["act", "plan"]
    total = metrics["llm_usage"]["total"]
    assert (total["input_tokens"], total["output_tokens"]) == (2400, 600)
    assert total["estimated_cost_usd"] == "0.012"

    contract = requests.get(f"{house.origin}/api/v1/metrics.schema.json", timeout=PATIENCE).json()
    jsonschema_rs.validate(contract, metrics)

    (report,) = house.command("runs", "report", run["id"])["data"]
    assert report["outcome"] == "success" and report["summary"] == "Worked through 12 steps."
    assert (report["total_steps"], report["total_tool_invocations"], report["total_memory_writes"]) == (12, 3, 2)
    assert report["total_cost_estimate"] == "0.012"
