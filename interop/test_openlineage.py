"""The official OpenLineage client reports runs in every state, with nothing but a URL and a token."""

from datetime import datetime, timedelta, timezone

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import error_message_run, parent_run
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport
from openlineage.client.uuid import generate_new_uuid

BEGIN = datetime(2026, 7, 6, 6, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def client(house):
    return house.client("operator")


@pytest.fixture(scope="module")
def reporter(house):
    token = ApiKeyTokenProvider({"apiKey": house.token("operator")})
    return OpenLineageClient(transport=HttpTransport(HttpConfig(url=house.origin, auth=token)))


def emit(reporter, run, *states, facets=None):
    for n, state in enumerate(states):
        reporter.emit(RunEvent(
            eventType=state,
            eventTime=(BEGIN + timedelta(seconds=n)).isoformat(),
            run=Run(runId=run, facets=facets or {}),
            job=Job(namespace="warehouse", name="load_orders"),
            producer="https://scheduler.example/",
            inputs=[InputDataset(namespace="lake", name="orders")],
            outputs=[OutputDataset(namespace="lake", name="facts")],
        ))


def found(client, run):
    by_name = {}
    for row in client.get("/runs", kind="reported", trigger="reported")["data"]:
        detail = client.get(f"/runs/{row['id']}")
        by_name[detail["reported"]["external_id"]] = detail
    return by_name[run]


@pytest.mark.parametrize("last, status", [
    (RunState.START, "running"),
    (RunState.RUNNING, "running"),
    (RunState.OTHER, "running"),
    (RunState.COMPLETE, "completed"),
    (RunState.ABORT, "cancelled"),
    (RunState.FAIL, "failed"),
])
def test_a_run_is_shown_in_the_state_it_was_reported_in(client, reporter, last, status):
    run = str(generate_new_uuid())
    states = [RunState.START] if last is RunState.START else [RunState.START, last]
    emit(reporter, run, *states)
    emit(reporter, run, *states)
    detail = found(client, run)
    assert (detail["run"]["kind"], detail["run"]["status"]) == ("reported", status)
    assert detail["run"]["automation_name"] == "warehouse/load_orders"
    steps = client.get(f"/runs/{detail['run']['id']}/steps")["data"]
    assert [step["detail"]["event_type"] for step in steps] == [state.name for state in states]
    assert steps[0]["detail"]["outputs"] == [{"namespace": "lake", "name": "facts"}]


def test_a_failure_has_its_message_and_its_parent(client, reporter):
    run, parent = str(generate_new_uuid()), str(generate_new_uuid())
    emit(reporter, parent, RunState.START)
    facets = {
        "parent": parent_run.ParentRunFacet(
            run=parent_run.Run(runId=parent), job=parent_run.Job(namespace="warehouse", name="load_orders")
        ),
        "errorMessage": error_message_run.ErrorMessageRunFacet(
            message="no space left on the disk", programmingLanguage="SQL"
        ),
    }
    emit(reporter, run, RunState.START, RunState.FAIL, facets=facets)
    detail = found(client, run)
    assert detail["run"]["failure"]["message"] == "no space left on the disk"
    assert detail["reported"]["parent_run"] == found(client, parent)["run"]["id"]
    (incident,) = client.get("/incidents", run=detail["run"]["id"])["data"]
    assert incident["cause"] == "reported-run-failed"


def test_the_end_may_come_before_the_beginning(client, reporter):
    run = str(generate_new_uuid())
    emit(reporter, run, RunState.START, RunState.COMPLETE)
    in_order = found(client, run)["run"]
    late = str(generate_new_uuid())
    for second, state in ((1, RunState.COMPLETE), (0, RunState.START)):
        reporter.emit(RunEvent(
            eventType=state, eventTime=(BEGIN + timedelta(seconds=second)).isoformat(),
            run=Run(runId=late), job=Job(namespace="warehouse", name="load_orders"),
            producer="https://scheduler.example/",
        ))
    reordered = found(client, late)["run"]
    for part in ("status", "started_at", "completed_at", "duration_seconds"):
        assert reordered[part] == in_order[part], part
