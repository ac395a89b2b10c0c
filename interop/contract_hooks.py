"""Loaded by schemathesis: requests take turns with the tokens of one member, since each has a quota."""

import itertools
import json
import os
import uuid

import schemathesis

TOKENS = itertools.cycle(json.loads(os.environ["ASSIZE_TOKENS"]))


@schemathesis.auth(refresh_interval=None)
class Tokens:
    def get(self, case, context):
        return next(TOKENS)

    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def map_headers(context, headers):
    """Writes are new ones: a key that is sent twice is answered from memory."""
    if headers and "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = f'"{uuid.uuid4()}"'
    return headers
