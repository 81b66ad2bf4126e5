"""Judges that webhooks and callbacks in the document say what is sent and how a receiver can trust it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.document_schemas import resolved, under
from harness.judges.examples import JSON, recorded
from harness.judges.protocol import Judge, Recorded

_ID = "callbacks"
_DOCUMENTED = "integrations.callbacks-documented"
_SIGNED = "integrations.callbacks-signed"
_METHODS = ("get", "put", "post", "delete", "patch")
_SIGNATURE = re.compile(r"(?i)signature|hmac|signed|x-hub-|webhook-id|jws")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target for each requirement; without callbacks there is none."""
    if found.openapi is None:
        return
    sent = list(_sent(found.openapi))
    if not sent:
        return
    bare = [gap for name, each in sent for gap in _gaps(found.openapi, name, each)]
    unsigned = [name for name, each in sent if not _SIGNATURE.search(_words(found.openapi, each))]
    yield _finding(_DOCUMENTED, bare, "each call has a summary, a body schema and an expected answer")
    yield _finding(
        _SIGNED,
        [f"{name} names no signature" for name in unsigned],
        "each call says how its sender is proved",
    )


def _finding(requirement: str, gaps: list[str], expected: str) -> Finding:
    return Finding(
        requirement=requirement,
        subject="target",
        outcome=Outcome.FAIL if gaps else Outcome.PASS,
        reason="callback-undocumented" if gaps else "as-required",
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected=expected,
        seen="; ".join(gaps[:5]),
    )


def _sent(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every request that the target itself makes, as the document tells it."""
    yield from _of_items("webhook", document, document.get("webhooks"))
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in _METHODS:
            callbacks = under(item, method, "callbacks")
            for name, callback in callbacks.items() if isinstance(callbacks, dict) else ():
                where = f"callback {name} of {method.upper()} {path}"
                yield from _of_items(where, document, resolved(document, callback))


def _of_items(where: str, document: Mapping[str, Any], items: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, item in items.items() if isinstance(items, dict) else ():
        for method in _METHODS:
            operation = under(resolved(document, item), method)
            if isinstance(operation, dict):
                yield f"{where} {name}", operation


def _gaps(document: Mapping[str, Any], name: str, operation: Mapping[str, Any]) -> Iterator[str]:
    if not (operation.get("summary") or operation.get("description")):
        yield f"{name} has neither summary nor description"
    content = resolved(document, operation.get("requestBody")).get("content")
    entries = content.values() if isinstance(content, dict) else ()
    if not any(under(entry, "schema") for entry in entries):
        yield f"{name} has no body with a schema"
    if not operation.get("responses"):
        yield f"{name} names no answer that it expects"


def _words(document: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    """Return all that is said of how a call is proved: texts, headers, security."""
    listed = operation.get("parameters")
    headers = [resolved(document, each) for each in (listed if isinstance(listed, list) else ())]
    said = [str(operation.get(name, "")) for name in ("summary", "description", "security")]
    return " ".join([*said, *(f"{each.get('name')} {each.get('description', '')}" for each in headers)])


_MADE = {
    "summary": "An item was made.",
    "parameters": [{"name": "X-Signature", "in": "header", "schema": {"type": "string"}}],
    "requestBody": {"content": {JSON: {"schema": {"type": "object"}}}},
    "responses": {"204": {"description": "Taken."}},
}
_BARE = {"openapi": "3.1.0", "paths": {}, "webhooks": {"itemMade": {"post": {}}}}

JUDGE = Judge(
    id=_ID,
    requirements=(_DOCUMENTED, _SIGNED),
    judge=judge,
    good=recorded(openapi={**_BARE, "webhooks": {"itemMade": {"post": _MADE}}}),
    bad=recorded(openapi=_BARE),
)
