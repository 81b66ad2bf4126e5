"""Asks one judge about a few exchanges."""

from dataclasses import replace
from typing import Any

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.outcome import Outcome
from harness.judges.examples import recorded
from harness.judges.judging import judge_all, judges

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
ITEM = "GET /items/{id}"


def judge(identity: str) -> Any:
    return next(item for item in judges() if item.id == identity)


def judged(identity: str, *exchanges: Exchange, **declared: Any) -> tuple[Finding, ...]:
    return judge_all(recorded(*exchanges, **declared), among=[judge(identity)])


def outcomes(identity: str, *exchanges: Exchange, **declared: Any) -> list[Outcome]:
    return [item.outcome for item in judged(identity, *exchanges, **declared)]


def told(identity: str, *exchanges: Exchange, **declared: Any) -> list[tuple[str, str]]:
    """Return the reason and the sentence of each finding."""
    return [(item.reason, item.seen) for item in judged(identity, *exchanges, **declared)]


def at_item(operation: Any, **document: Any) -> dict[str, Any]:
    """Return a document whose one operation is `GET /items/{id}`."""
    return {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": operation}}, **document}


def asked(item: Exchange, body: str | None = None, **fields: Any) -> Exchange:
    return replace(item, request=replace(item.request, body=body, **fields))


def answered(item: Exchange, **fields: Any) -> Exchange:
    assert item.response is not None
    return replace(item, response=replace(item.response, **fields))
