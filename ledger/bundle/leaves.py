"""The lines of entries.jsonl: entries, and hashes of entries that went with reported runs."""
import hashlib
import re

REMOVED = re.compile(rb'\{"hash":"([0-9a-f]{64})","seq":(0|[1-9][0-9]*)\}')


def read(path):
    """Every line without its end."""
    with open(path, "rb") as lines:
        for line in lines:
            yield line[:-1] if line.endswith(b"\n") else line


def removed(line):
    """Hash and place of an entry that is gone, in the one form they are written in; None for any other."""
    found = REMOVED.fullmatch(line)
    return found and (bytes.fromhex(found[1].decode()), int(found[2]))


def leaf_hash(line):
    """The hash of the leaf that a line is, or stands for."""
    gone = removed(line)
    return gone[0] if gone else hashlib.sha256(b"\0" + line).digest()
