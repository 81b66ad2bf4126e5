"""Judges that content is what its own header fields say: typed, JSON where it says so, readable text."""

import json
import re
from collections.abc import Iterator

from harness.core.exchange import Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, has_body, text_of

_ID = "declared-content"
_AS_DECLARED = "http.content-as-declared"
_TYPED = "http.content-typed"
_JSON = re.compile(r"application/(?:[^;\s]+\+)?json")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target for each of the two requirements."""
    yield from findings(
        _contents(found),
        requirement=_AS_DECLARED,
        judge=_ID,
        expected="content that is declared to be JSON is one JSON text in UTF-8",
        base_url=found.base_url,
    )
    yield from findings(
        _types(found),
        requirement=_TYPED,
        judge=_ID,
        expected="an answer with content names its media type",
        base_url=found.base_url,
    )


def _contents(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if not has_body(item, response) or response.is_truncated or not _JSON.fullmatch(response.media_type):
            continue
        seen = _difference(response)
        if seen is not None:
            flaw = "content-differs" if seen else ""
            where = f"{item.request.method} {item.request.path} answered {response.status}"
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=f"{where}: {seen}")


def _difference(response: Response) -> str | None:
    """Return what is wrong with a JSON body, "" for nothing, None when it cannot be read here."""
    text = text_of(response)
    if text is None:
        is_plain = (response.header("content-encoding") or "identity").lower() == "identity"
        return "JSON that is not UTF-8" if response.body_is_base64 and is_plain else None
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError as problem:
        return f"declared as JSON, but {problem}"
    except RecursionError:
        return None
    return ""


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON (RFC 8259 6)")


def _types(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if has_body(item, response):
            flaw = "" if response.media_type else "type-missing"
            seen = (
                f"{item.request.method} {item.request.path} answered {response.status} with untyped content"
            )
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen if flaw else "")


_UNTYPED = exchange(200, "{", name="scenarios-2", headers={"Content-Type": ""})

JUDGE = Judge(
    id=_ID,
    requirements=(_AS_DECLARED, _TYPED),
    judge=judge,
    good=recorded(exchange(200, '{"id": 1}')),
    bad=recorded(exchange(200, '{"id": NaN}'), _UNTYPED),
)
