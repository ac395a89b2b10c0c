"""Schemathesis holds the served API to the served OpenAPI document, once for each role: no server error, no
answer that the document does not describe, no operation that answers without a token."""

import json
import os
import subprocess
import sys

import pytest

from house import ROLES, House

#: Seconds for one role.
BRIEF, AT_LENGTH = 14, 90

#: One token may ask 1,200 times a minute.
TOKENS = 4

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
]


def words(house):
    """What stands in the workspace, by the name of the part of a path that it fills."""
    owner, runs = house.client(), house.runs()
    ids = lambda path: [one["id"] for one in owner.get(path)["data"]]
    items = [item for run in runs.values() for item in ids(f"/runs/{run}/items")]
    hold = owner.post("/holds", {"reason": "An inquiry", "run": runs["listens"]})
    return {
        "approval": ids("/approvals"),
        "automation": list(runs),
        "event": [heard["event"]["id"] for heard in owner.get("/events")["data"]],
        "hold": [hold["id"]],
        "incident": ids("/incidents"),
        "item": items,
        "key": ["ACC-1", "ACC-2"],
        "kind": ["account", "finding"],
        "member": ids("/members"),
        "run": list(runs.values()),
        "seq": [0, 1, 2],
        "version": [1],
    }


def settings(house):
    """Real words where a made-up one would only ever be answered by `404`."""
    lines = ["[parameters]", '"path.workspace" = "north"']
    known = words(house)
    lines += [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.7 }}' for name in known]
    for name, values in known.items():
        lines += [f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
    (house.folder / "schemathesis.toml").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("role", ROLES)
def test_the_api_keeps_to_its_document(role, long):
    house = House()
    try:
        settings(house)
        tokens = [house.token(role, f"Contract {n}") for n in range(TOKENS)]
        here = os.path.dirname(os.path.abspath(__file__))
        environment = os.environ | {
            "ASSIZE_TOKENS": json.dumps(tokens),
            "PYTHONPATH": here,
            "SCHEMATHESIS_HOOKS": "contract_hooks",
        }
        # Every run looks elsewhere; what it found it tells with its seed.
        done = subprocess.run(
            [
                os.path.join(os.path.dirname(sys.executable), "schemathesis"),
                "run", f"{house.origin}/api/v1/openapi.json",
                "--checks", ",".join(CHECKS),
                "--max-time", str(AT_LENGTH if long else BRIEF),
                "--generation-database", "none",
                "--continue-on-failure", "--no-color", "--warnings", "off",
                # It answers for as long as it is listened to.
                "--exclude-operation-id", "streamEvents",
            ],
            cwd=house.folder, env=environment, capture_output=True, text=True,
        )
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr + "".join(house.said)[-5_000:]
        assert "Test cases:" in done.stdout, done.stdout
        print(done.stdout[done.stdout.index("Test cases:"):])
    finally:
        house.stop()
