#!/usr/bin/env python3
"""Prints size and root of the tree over entries.jsonl, as RFC 6962 defines it.

  root.py entries.jsonl [--hashes hashes.bin --from N] [--at SIZE]

--hashes, --from  the leaf hashes of the N entries before the first line; of later ones it
                  holds, each is compared with its entry, so that a changed entry is named
--at              size and root of an earlier, smaller tree as well
Reads as a stream. Exit 30 if an entry is not the one that hashes.bin recorded.
"""
import base64
import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from leaves import leaf_hash, read  # beside this file


def sha(data):
    return hashlib.sha256(data).digest()


def push(roots, size, node):
    while size & 1:  # each trailing one bit is a perfect subtree that this node completes
        node = sha(b"\1" + roots.pop() + node)
        size >>= 1
    roots.append(node)


def show(roots, size):
    root = sha(b"") if size == 0 else roots[-1]
    for left in reversed(roots[:-1]):
        root = sha(b"\1" + left + root)
    print(size, base64.b64encode(root).decode())


def main(entries, options):
    at = int(options.get("--at", -1))
    begin = int(options.get("--from", 0))
    recorded = open(options["--hashes"], "rb") if "--hashes" in options else None
    roots, size = [], 0
    if at == 0:
        show(roots, size)
    lines = read(entries)
    while True:
        known = recorded.read(32) if recorded else b""
        if size < begin:
            if len(known) != 32:
                sys.exit("hashes.bin ends too early")
            leaf = known
        else:
            line = next(lines, None)
            if line is None:
                break
            leaf = leaf_hash(line)
            if known and known != leaf:
                print(f"entry {size} is not the one that was recorded", file=sys.stderr)
                sys.exit(30)
        push(roots, size, leaf)
        size += 1
        if size == at:
            show(roots, size)
    show(roots, size)


main(sys.argv[1], dict(zip(sys.argv[2::2], sys.argv[3::2])))
