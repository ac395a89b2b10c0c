#!/usr/bin/env python3
"""Checks payloads.jsonl against entries.jsonl: every entry of the period has its payload, with the
salt and bytes it committed to, unless a later entry says that the payload was erased; and every entry of
which only the hash is left is one that a later entry says was removed.

  payloads.py DIRECTORY

Reads as a stream, twice over the entries. Exit 50 with the first entry that is wrong, 10 if a file
cannot be read.
"""
import hashlib
import json
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from leaves import read, removed as removed_line  # beside this file


def fail(code, text):
    print(text, file=sys.stderr)
    sys.exit(code)


def lines(name):
    path = os.path.join(sys.argv[1], name)
    if os.path.exists(path):
        yield from map(json.loads, read(path))


def entries(begin):
    """Every entry that is there, and the place of every one of which only the hash is left."""
    for place, line in enumerate(read(os.path.join(sys.argv[1], "entries.jsonl")), begin):
        gone = removed_line(line)
        if gone and gone[1] != place:
            fail(10, f"entry {place} says that it is entry {gone[1]}")
        yield (None, place) if gone else (json.loads(line), place)


def spans(text):
    """First and last of each of `7,12-15`; nothing if it is written otherwise."""
    parts = [re.fullmatch(r"([0-9]+)(?:-([0-9]+))?", part) for part in text.split(",")]
    return [(int(part[1]), int(part[2] or part[1])) for part in parts] if all(parts) else []


def check():
    manifest = json.load(open(os.path.join(sys.argv[1], "manifest.json"), encoding="utf-8"))
    chosen = set(manifest["automations"])
    runs = {row["id"] for row in lines("runs.jsonl")} if chosen else set()
    erased_runs, erased, removed, gone = {}, [], [], []
    for leaf, place in entries(manifest["entries_from"]):
        if leaf is None:
            gone.append(place)
            continue
        if leaf["verb"] in ("payload.erased", "run.pruned"):
            kind, name = leaf["object"]["kind"], leaf["object"]["id"]
            if kind == "run":
                erased_runs[name] = leaf["seq"]
            elif kind in ("entry", "entries"):
                first, _, last = name.partition("-")
                erased.append((int(first), int(last or first), leaf["seq"]))
        elif leaf["verb"] == "entries.removed" and leaf["object"]["kind"] == "entries":
            said = spans(leaf["object"]["id"])
            removed += [(first, last) for first, last in said if last < leaf["seq"]]

    removed.sort(reverse=True)
    reach = -1
    for seq in gone:
        while removed and removed[-1][0] <= seq:
            reach = max(reach, removed.pop()[1])
        if seq > reach:
            fail(10, f"of entry {seq} only the hash is left, and no later entry says it was removed")

    def is_erased(leaf):
        seq = leaf["seq"]
        if erased_runs.get(leaf.get("run"), -1) > seq:
            return True
        return any(first <= seq <= last and seq < by for first, last, by in erased)

    def is_wanted(leaf):
        if not manifest["first_seq"] <= leaf["seq"] < manifest["end_seq"]:
            return False
        automation = leaf.get("policy", {}).get("id")
        return not chosen or automation in chosen or leaf.get("run") in runs

    payloads = lines("payloads.jsonl")
    payload = next(payloads, None)
    for leaf, _ in entries(manifest["entries_from"]):
        if leaf is None:
            continue
        if payload is not None and payload["seq"] == leaf["seq"]:
            data = bytes.fromhex(payload["salt"]) + payload["payload"].encode()
            given = hashlib.sha256(b"payload/v1\n" + data).hexdigest()
            if not given == payload["commitment"] == leaf.get("payload"):
                fail(50, f"the payload of entry {leaf['seq']} is not the one it committed to")
            payload = next(payloads, None)
        elif "payload" in leaf and is_wanted(leaf) and not is_erased(leaf):
            fail(50, f"the payload of entry {leaf['seq']} is missing and was not erased")
    if payload is not None:
        fail(50, f"the payload of entry {payload['seq']} is out of place")


try:
    check()
except (OSError, KeyError, TypeError, ValueError) as error:
    fail(10, f"a file cannot be read: {error!r}")
