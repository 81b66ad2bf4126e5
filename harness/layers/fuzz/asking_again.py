"""Sends a failing case again, alone or at the end of its walk, and says whether it fails alike."""

import http.client
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

from jsonschema_rs import Draft202012Validator, ValidationError

from harness.core.components import components_for
from harness.core.operation import Operation
from harness.layers.fuzz import keys
from harness.layers.fuzz.report import SentCase, SentRequest
from harness.layers.fuzz.rules import AUTH_ENFORCED, Rule, media_types_for

_FILTERED = "[Filtered]"
_OURS = frozenset(
    {
        "host",
        "content-length",
        "connection",
        "transfer-encoding",
        "accept-encoding",
        "x-schemathesis-testcaseid",
    }
)
_LONGEST = 1 << 20
_SECONDS = 10.0
_MOST_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came the second time."""

    status: int
    media_type: str
    content: bytes
    allow: str = ""


class NoAnswer(Exception):
    """There was none; the text says why."""


class AskingAgain:
    """Asks again on one instance, until its time is over."""

    def __init__(
        self,
        headers: Mapping[str, str],
        document: Mapping[str, Any],
        *,
        seconds: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}
        self._document = document
        self._clock = clock
        self._end = clock() + seconds

    def __call__(
        self, rule: Rule, operation: Operation, case: SentCase, before: Sequence[SentCase] = ()
    ) -> str:
        """Return nothing when the case fails again, else what came instead."""
        instead = self._once(rule, operation, case)
        if instead and before:
            instead = self._at_the_end(rule, operation, case, before) and instead
        return instead

    def refused_without_methods(self, case: SentCase) -> str:
        """Return nothing when a 405 comes again without the methods that are allowed, else what came."""
        try:
            answer = self._send(case, with_credential=True)
        except NoAnswer as problem:
            return str(problem)
        is_same = answer.status == 405 and answer.allow == case.allow
        return "" if is_same else f"{answer.status}, Allow: {answer.allow or 'missing'}"

    def answered_alike(self, case: SentCase) -> str:
        """Return nothing when a query gets the same kind of answer again, else what came."""
        try:
            answer = self._send(case, with_credential=True)
        except NoAnswer as problem:
            return str(problem)
        is_error = answer.status >= 500 and (case.status or 0) >= 500
        has_shape = bool(_shape(_json(answer.content)) == _shape(_json(case.content)))
        is_alike = is_error or (answer.status == case.status and has_shape)
        return "" if is_alike else f"answer {answer.status} of another shape"

    def _once(self, rule: Rule, operation: Operation, case: SentCase) -> str:
        try:
            answer = self._send(case, with_credential=rule.requirement != AUTH_ENFORCED)
        except NoAnswer as problem:
            return str(problem)
        if _SHOWS[rule.check](case, operation, answer, self._document):
            return ""
        return f"answer {answer.status} {answer.media_type}".strip()

    def _at_the_end(
        self, rule: Rule, operation: Operation, case: SentCase, before: Sequence[SentCase]
    ) -> str:
        """Walk the same way again, with the identities that this time are given out."""
        given: dict[str, str] = {}
        try:
            for step in before[-_MOST_STEPS:]:
                answer = self._send(_with(step, given), with_credential=True)
                given |= dict(_different(_json(step.content), _json(answer.content)))
        except NoAnswer as problem:
            return str(problem)
        return self._once(rule, operation, _with(case, given))

    def _send(self, case: SentCase, *, with_credential: bool) -> Answer:
        request = case.request
        if request is None:
            raise NoAnswer("its request was not recorded")
        if self._clock() > self._end:
            raise NoAnswer("there was no time to ask again")
        parts = urlsplit(request.uri)
        connection = http.client.HTTPConnection(parts.netloc, timeout=_SECONDS)
        try:
            connection.putrequest(
                request.method, _target(request), skip_accept_encoding=True, skip_host=False
            )
            for name, value in self._sent_headers(request, with_credential=with_credential):
                connection.putheader(name, value.encode("utf-8"))
            connection.putheader("Harness-Step", f"confirm:{case.id}")
            if request.body:
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body or None)
            answer = connection.getresponse()
            return Answer(
                status=answer.status,
                media_type=(answer.getheader("content-type") or "").split(";", 1)[0].strip().lower(),
                content=answer.read(_LONGEST),
                allow=answer.getheader("allow") or "",
            )
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise NoAnswer(f"{type(problem).__name__}: {problem}") from problem
        finally:
            connection.close()

    def _sent_headers(self, request: SentRequest, *, with_credential: bool) -> Iterator[tuple[str, str]]:
        for name, value in request.headers:
            if name.lower() in _OURS:
                continue
            if _FILTERED in value:  # the report hides what looks secret
                known = self._headers.get(name.lower()) if with_credential else None
                yield name, known or value.replace(_FILTERED, "not-a-credential")
            elif name.lower() == keys.NAME.lower() and keys.is_fresh(value):
                yield name, keys.fresh()  # under the same key the first answer would come again
            else:
                yield name, value


def _target(request: SentRequest) -> str:
    parts = urlsplit(request.uri)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _with(case: SentCase, given: Mapping[str, str]) -> SentCase:
    """Put the identities of this walk in the place of those of the first, in the path and in the body."""
    request = case.request
    if request is None or not given:
        return case
    parts = urlsplit(request.uri)
    path = "/".join(quote(given.get(part, part), safe="%:@!$&'()*+,;=-._~") for part in parts.path.split("/"))
    body = request.body
    sent = _json(body)
    if sent is not None:
        body = json.dumps(_replaced(sent, given)).encode()
    uri = f"{parts.scheme}://{parts.netloc}{path}" + (f"?{parts.query}" if parts.query else "")
    return replace(case, request=replace(request, uri=uri, body=body))


def _replaced(node: Any, given: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _replaced(value, given) for name, value in node.items()}
    if isinstance(node, list):
        return [_replaced(item, given) for item in node]
    if isinstance(node, str):
        return given.get(node, node)
    if isinstance(node, int) and not isinstance(node, bool) and str(node) in given:
        fresh = given[str(node)]
        return int(fresh) if fresh.isdecimal() else fresh
    return node


def _different(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the values that stand at one place in both answers and differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() & new.keys():
            yield from _different(old[name], new[name])
    elif isinstance(old, list) and isinstance(new, list):
        for one, other in zip(old, new, strict=False):
            yield from _different(one, other)
    elif isinstance(old, str | int) and isinstance(new, str | int) and old != new:
        yield str(old), str(new)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


Shows = Callable[[SentCase, Operation, Answer, Mapping[str, Any]], bool]


def _is_server_error(_case: SentCase, _operation: Operation, answer: Answer, _document: object) -> bool:
    return answer.status >= 500


def _is_undocumented(_case: SentCase, operation: Operation, answer: Answer, _document: object) -> bool:
    return answer.status != 429 and not operation.documents(answer.status)


def _is_of_other_type(case: SentCase, operation: Operation, answer: Answer, _document: object) -> bool:
    documented = media_types_for(operation, answer.status)
    if documented is None:
        return answer.status == case.status and answer.media_type == case.media_type
    return not any(fnmatch(answer.media_type, pattern.split(";", 1)[0].lower()) for pattern in documented)


def _violates_schema(
    case: SentCase, operation: Operation, answer: Answer, document: Mapping[str, Any]
) -> bool:
    """Judge by the schema where a validator of ours sees the first violation, too; else by likeness."""
    if answer.status != case.status or answer.media_type != case.media_type:
        return False
    if answer.content == case.content:
        return True
    validator = _validator(document, operation, answer)
    first, second = _json(case.content), _json(answer.content)
    if validator is not None and not validator.is_valid(first):
        return not bool(validator.is_valid(second))
    return bool(_shape(first) == _shape(second))


def _validator(document: Mapping[str, Any], operation: Operation, answer: Answer) -> Any:
    responses = _under(document, "paths", operation.path, operation.method.lower(), "responses")
    for key in (str(answer.status), f"{answer.status // 100}XX", f"{answer.status // 100}xx", "default"):
        response = _under(responses, key)
        reference = _under(response, "$ref")
        if isinstance(reference, str):
            response = _under(document, *reference.removeprefix("#/").split("/"))
        schema = _under(response, "content", answer.media_type, "schema")
        if isinstance(schema, dict):
            rooted = {**schema, "components": components_for(schema, document.get("components", {}))}
            try:
                return Draft202012Validator(rooted, offline=True, validate_formats=True)
            except (ValidationError, ValueError):
                return None
    return None


def _under(node: Any, *path: str) -> Any:
    for step in path:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _shape(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _shape(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_shape(node[0])] if node else []
    return type(node).__name__


def _is_taken(_case: SentCase, _operation: Operation, answer: Answer, _document: object) -> bool:
    """A conflict with what the first time stored is no refusal of what was sent."""
    return answer.status < 400 or answer.status == 409


def _is_refused_alike(case: SentCase, _operation: Operation, answer: Answer, _document: object) -> bool:
    return answer.status == case.status


def _lets_in(case: SentCase, _operation: Operation, answer: Answer, _document: object) -> bool:
    return answer.status < 300 or (answer.status == case.status and answer.status not in {401, 403, 429})


_SHOWS: Mapping[str, Shows] = {
    "not_a_server_error": _is_server_error,
    "status_code_conformance": _is_undocumented,
    "content_type_conformance": _is_of_other_type,
    "response_schema_conformance": _violates_schema,
    "negative_data_rejection": _is_taken,
    "positive_data_acceptance": _is_refused_alike,
    "ignored_auth": _lets_in,
}
