"""A webhook receiver that remembers deliveries, strict about the headers of Standard Webhooks.

Run it: `python scenarios/stubs/webhook.py --port 9002`. Every path is a receiver of its own.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus

from serving import MODES, Answer, Request, StubServer, json_answer, serve

STUB = {
    "id": "webhook",
    "speaks": "Standard Webhooks receiver: POST to any path",
    "ready": "/__stub/health",
    "modes": MODES,
}

_SIGNATURES = re.compile(r"v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*")


def build(port: int) -> StubServer:
    """Return a stub that listens on the port."""
    return StubServer(port, respond=respond, fail=fail)


def respond(request: Request) -> tuple[Answer, Mapping[str, object]]:
    """Accept a delivery that is well formed; say what is wrong with any other."""
    if request.method != "POST":
        return json_answer({"error": "only POST"}, status=HTTPStatus.METHOD_NOT_ALLOWED), {}
    wrong = _wrong(request)
    if wrong:
        return json_answer({"wrong": wrong}, status=HTTPStatus.BAD_REQUEST), {"wrong": wrong}
    return json_answer({"received": request.header("webhook-id")}), {}


def fail(status: int, headers: Mapping[str, str]) -> Answer:
    """Return a failure as receivers word it: hardly."""
    answer = json_answer({"error": "not now"}, status=status)
    return Answer(status=status, body=answer.body, headers=headers)


def _wrong(request: Request) -> list[str]:
    wrong = [name for name in ("webhook-id", "webhook-timestamp") if not request.header(name)]
    if not request.header("webhook-timestamp").isdigit():
        wrong.append("webhook-timestamp is not seconds since the epoch")
    if not _SIGNATURES.fullmatch(request.header("webhook-signature")):
        wrong.append("webhook-signature is not a list of v1 signatures")
    if not request.header("content-type").startswith("application/json"):
        wrong.append("content-type is not application/json")
    try:
        json.loads(request.body)
    except ValueError:
        wrong.append("the body is not JSON")
    return wrong


if __name__ == "__main__":
    serve("A webhook receiver that remembers deliveries.", build)
