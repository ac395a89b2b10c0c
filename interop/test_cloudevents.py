"""The official CloudEvents SDK sends events in all three modes, and the right runs appear."""

from datetime import datetime, timezone

import pytest
from cloudevents.core.bindings import http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent


def event(number, kind="checked", **more):
    attributes = {
        "id": f"{kind}-{number}",
        "source": "https://desk.example/checks",
        "type": kind,
        "subject": "account/ACC-1",
        "time": datetime(2026, 7, 6, 6, tzinfo=timezone.utc),
        "datacontenttype": "application/json",
    }
    return CloudEvent(attributes=attributes | more, data={"number": number, "words": "Prüfung 100 %"})


def binary(client, sent):
    message = http.to_binary_event(sent)
    return client.send("/events", message.body, message.headers)


def structured(client, sent):
    message = http.to_structured_event(sent)
    return client.send("/events", message.body, message.headers)


def batch(client, events):
    bodies = [JSONFormat().write(sent) for sent in events]
    headers = {"content-type": "application/cloudevents-batch+json"}
    return client.send("/events", b"[" + b",".join(bodies) + b"]", headers)


@pytest.fixture(scope="module")
def client(house):
    return house.client("operator")


def check_run(client, received, number):
    """One run of the automation that listens, about the record and with the data that were sent."""
    assert received["matched"] and not received["duplicate"]
    assert received["event"]["source"] == "https://desk.example/checks"
    assert received["event"]["subject"] == {"kind": "account", "key": "ACC-1"}
    assert received["event"]["occurred_at"].startswith("2026-07-06T06:00:00")
    assert received["event"]["payload"] == {"number": number, "words": "Prüfung 100 %"}
    (run,) = received["runs"]
    found = client.ended(run)
    assert found["run"]["automation_key"] == "listens"
    assert found["run"]["status"] == "completed"
    assert found["event"]["id"] == received["event"]["id"]
    (item,) = client.get(f"/runs/{run}/items")["data"]
    assert (item["subject_key"], item["state"]) == ("ACC-1", "succeeded")


def test_an_event_in_binary_mode_brings_about_its_run(client):
    check_run(client, binary(client, event(1)), 1)


def test_an_event_in_structured_mode_brings_about_its_run(client):
    check_run(client, structured(client, event(2)), 2)


def test_each_event_of_a_batch_brings_about_its_run(client):
    received = batch(client, [event(3), event(4), event(5)])["data"]
    assert [one["event"]["external_id"] for one in received] == ["checked-3", "checked-4", "checked-5"]
    for number, one in zip((3, 4, 5), received):
        check_run(client, one, number)


def test_source_and_id_make_an_event_the_same_in_every_mode(client):
    first = binary(client, event(6))
    for again in (structured(client, event(6)), batch(client, [event(6)])["data"][0]):
        assert again["duplicate"]
        assert (again["event"]["id"], again["runs"]) == (first["event"]["id"], first["runs"])


def test_a_type_nobody_listens_to_is_kept_and_shown_as_unmatched(client):
    received = structured(client, event(7, kind="nobody.listens"))
    assert not received["matched"] and received["runs"] == []
    unmatched = client.get("/events", matched="false")["data"]
    assert received["event"]["id"] in [heard["event"]["id"] for heard in unmatched]


def test_bytes_and_text_arrive_as_they_were_sent(client):
    sent = CloudEvent({"id": "b-1", "source": "s", "type": "blob", "datacontenttype": "image/png"}, b"\x89PNG\xff")
    payload = structured(client, sent)["event"]["payload"]
    assert payload == {"data_base64": "iVBOR/8="}
    sent = CloudEvent({"id": "t-1", "source": "s", "type": "text", "datacontenttype": "text/plain"}, "Grüße")
    assert binary(client, sent)["event"]["payload"] == {"data": "Grüße"}


def test_the_trace_of_an_event_is_that_of_its_run(client):
    trace = "0af7651916cd43dd8448eb211c80319c"
    sent = event(8, traceparent=f"00-{trace}-b7ad6b7169203331-01")
    assert binary(client, sent)["event"]["trace"] == trace
