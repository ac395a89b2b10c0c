"""What schedulers wrote goes in as they wrote it: in their order, twice, and backwards."""

import pathlib

import pytest

AIRFLOW = pathlib.Path(__file__).parent / "recorded" / "airflow-3.3.2.jsonl"


@pytest.fixture(scope="module")
def client(house):
    return house.client("operator")


def send(house, client, lines):
    for line in lines:
        answer = client.session.post(
            house.origin + "/api/v1/lineage", data=line, headers={"content-type": "application/json"}, timeout=60
        )
        assert answer.ok, answer.text


def reported(client):
    rows = client.get("/runs", kind="reported", limit=100)["data"]
    rows = [row for row in rows if row["automation_name"].startswith("warehouse/load_orders")]
    return {row["automation_name"].removeprefix("warehouse/"): client.get(f"/runs/{row['id']}") for row in rows}


def test_a_run_of_airflow_goes_in_as_it_was_written(house, client):
    lines = AIRFLOW.read_bytes().splitlines()
    send(house, client, reversed(lines))
    send(house, client, lines)
    found = reported(client)
    states = {name: detail["run"]["status"] for name, detail in found.items() if "." in name}
    assert states == {"load_orders.extract": "completed", "load_orders.load": "failed"}
    task = found["load_orders.load"]
    assert task["run"]["failure"]["message"] == "Bash command failed. The command returned a non-zero exit code 3."
    dag = client.get(f"/runs/{task['reported']['parent_run']}")
    assert (dag["run"]["automation_name"], dag["run"]["status"]) == ("warehouse/load_orders", "failed")
    assert (dag["run"]["started_at"], dag["run"]["completed_at"]) == (
        "2026-11-22T04:07:17.949246Z", "2026-11-22T04:07:28.875354Z",
    )
    steps = client.get(f"/runs/{task['run']['id']}/steps")["data"]
    assert [step["detail"]["event_type"] for step in steps] == ["START", "FAIL"]
