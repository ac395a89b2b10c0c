#!/usr/bin/env python3
"""Checks consistency.txt and proofs/*.tlog-proof against the checkpoints (RFC 9162, section 2.1).

  proofs.py DIRECTORY

Exit 30 if an inclusion proof does not lead from its entry to the root, 40 if the consistency proof
does not, 10 if a file cannot be read.
"""
import base64
import binascii
import glob
import hashlib
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from leaves import leaf_hash, read as read_lines  # beside this file


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def read(name):
    with open(os.path.join(sys.argv[1], name), encoding="utf-8") as file:
        return file.read()


def tree(checkpoint):
    _, size, root = checkpoint.split("\n")[:3]
    return int(size), base64.b64decode(root, validate=True)


def climb(at, last, old, new, proof):
    """Follows a proof to the root of the new tree, and of the old one where there is one."""
    for sibling in proof:
        if last == 0:
            return None, None
        if at & 1 or at == last:
            old, new = node(sibling, old), node(sibling, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, sibling)
        at, last = at >> 1, last >> 1
    return (old, new) if last == 0 else (None, None)


def consistent(old, new, proof):
    (size, root), (larger, larger_root) = old, new
    if size > larger:
        return False
    if size in (0, larger):
        return not proof and root == (larger_root if size else hashlib.sha256(b"").digest())
    proof = proof if size & (size - 1) else [root] + proof
    at, last = size - 1, larger - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    return bool(proof) and climb(at, last, proof[0], proof[0], proof[1:]) == (root, larger_root)


def hashes(lines):
    return [base64.b64decode(line, validate=True) for line in lines]


def leaves(indices):
    """The hashes of some entries; those before the first line of entries.jsonl are left out."""
    begin = json.loads(read("manifest.json"))["entries_from"]
    lines = enumerate(read_lines(os.path.join(sys.argv[1], "entries.jsonl")), begin)
    return {seq: leaf_hash(line) for seq, line in lines if seq in indices}


def check():
    checkpoint = read("checkpoint")
    size, root = tree(checkpoint)
    proofs = {}
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "proofs", "*.tlog-proof"))):
        head, _, signed = read(os.path.relpath(path, sys.argv[1])).partition("\n\n")
        lines = [line for line in head.split("\n")[1:] if not line.startswith("extra ")]
        index = int(lines[0].removeprefix("index "))
        if signed != checkpoint or index >= size:
            return 30, f"{path} is about another checkpoint"
        proofs[path] = index, hashes(lines[1:])
    known = leaves({index for index, _ in proofs.values()})
    for path, (index, proof) in proofs.items():
        if index in known and climb(index, size - 1, b"", known[index], proof)[1] != root:
            return 30, f"{path} does not lead to the root"
    if os.path.exists(os.path.join(sys.argv[1], "checkpoint.prev")):
        previous = tree(read("checkpoint.prev"))
        first, *proof = read("consistency.txt").removesuffix("\n").split("\n")
        if first != f"old {previous[0]}" or not consistent(previous, (size, root), hashes(proof)):
            return 40, "the log did not grow out of the earlier checkpoint"
    return 0, ""


try:
    code, text = check()
except (OSError, ValueError, KeyError, IndexError, binascii.Error) as error:
    code, text = 10, f"a file cannot be read: {error!r}"
if text:
    print(text, file=sys.stderr)
sys.exit(code)
