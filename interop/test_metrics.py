"""Prometheus and OpenMetrics, as their own tools read them."""

import os
import subprocess

import pytest
import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families

OPENMETRICS = {"accept": "application/openmetrics-text; version=1.0.0"}


@pytest.fixture(scope="module")
def metrics(house):
    """The address of the figures, after something happened."""
    house.runs()
    return house.metrics


def test_promtool_accepts_the_metrics(metrics):
    promtool = os.environ.get("ASSIZE_PROMTOOL")
    if not promtool:
        pytest.skip("SKIPPED: promtool could not be had; Debian's package prometheus brings it")
    answer = requests.get(metrics, timeout=10)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    done = subprocess.run([promtool, "check", "metrics"], input=answer.text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr + answer.text


def test_the_reference_parser_reads_them_as_openmetrics(metrics, house):
    answer = requests.get(metrics, headers=OPENMETRICS, timeout=10)
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert families["assize_build"].type == "info"
    assert values[("assize_database_up",)] == 1
    assert values[("assize_queue_items",)] == 0
    assert values[("assize_outbox_deliveries",)] == 0
    assert values[("assize_item_outcomes_total", ("outcome", "succeeded"))] >= 1
    assert values[("assize_item_outcomes_total", ("outcome", "failed"))] >= 1
    assert values[("assize_runs_ended_total", ("status", "completed"))] >= 1
    route = ("route", "/api/v1/workspaces/{workspace}/runs/{run}/items")
    count = values[("assize_http_request_duration_seconds_count", ("method", "GET"), route)]
    assert count == values[("assize_http_requests_total", ("method", "GET"), route, ("status", "200"))]
    assert "north" not in answer.text, "no name of a workspace becomes a label"


def test_what_watches_is_told_part_by_part(house, metrics):
    base = metrics.removesuffix("/metrics")
    assert requests.get(f"{base}/healthz", timeout=10).text == "ok\n"
    for origin in (base, house.origin):
        answer = requests.get(f"{origin}/readyz", timeout=10)
        assert answer.status_code == 200
        found = answer.json()
        assert found["ready"] and [check["name"] for check in found["checks"]] == ["database", "migrations", "signer"]


def test_the_listener_that_serves_has_no_metrics(house):
    assert requests.get(f"{house.origin}/metrics", timeout=10).status_code == 404
