"""Judges that answers hold no member called like a secret, or only written, that no answer declares."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, json_of, operation_answers

_ID = "secret-members"
_REQUIREMENT = "security.answers-without-secrets"
_DEEPEST = 8

#: Names that no answer has a reason for, and names that one may have when the document says so.
_SECRET = re.compile(
    r"(?i)(hashed_?|encrypted_?)?(password|passwd|pwd|passphrase)(_?(hash|digest|salt))?|password_?(hash|salt)"
    r"|(client_?|app_?|shared_?|totp_?|otp_?|mfa_?|webhook_?|signing_?)?secret(_?key)?|private_?key"
    r"|api_?key|(reset|recovery|verification|confirmation)_?(token|code)s?|ssn|social_?security(_?number)?"
    r"|cvv2?|cvc|card_?number|credit_?card(_?number)?|iban"
)


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from the JSON answers of its operations."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="no member called like a secret, other than those that the document's answers declare",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    document = found.openapi or {}
    for operation, item, response in operation_answers(found):
        body = json_of(response) if 200 <= response.status < 300 else None
        if not isinstance(body, dict | list):
            continue
        secret = _undeclared(body, _schema(operation, response.status, document), document, 0)
        seen = f"{_where(item)} answered {response.status} with the member {secret!r}" if secret else ""
        yield Observation(subject="target", exchange=item, flaw="secret-shown" if secret else "", seen=seen)


def _where(item: Exchange) -> str:
    return f"{item.request.method} {item.request.path}"


def _undeclared(body: Any, schema: Mapping[str, Any], document: Mapping[str, Any], depth: int) -> str:
    """Return the first member that is called like a secret and that no part of the schema declares."""
    if depth > _DEEPEST:
        return ""
    if isinstance(body, list):
        items = _resolved(schema.get("items"), document)
        return next((name for each in body if (name := _undeclared(each, items, document, depth + 1))), "")
    if not isinstance(body, dict):
        return ""
    declared = _properties(schema, document, 0)
    for name, value in body.items():
        below = _resolved(declared.get(name), document)
        is_only_written = below.get("writeOnly") is True
        # What has members is no secret but tells of one: a schema describes the member `password`.
        is_named_so = not isinstance(value, dict) and _SECRET.fullmatch(name) is not None
        is_secret = is_only_written or (name not in declared and is_named_so)
        if is_secret and value not in (None, "", False, True):
            return str(name)
        if inner := _undeclared(value, below, document, depth + 1):
            return inner
    return ""


def _properties(schema: Mapping[str, Any], document: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Return the properties of a schema and of everything laid together or offered in it."""
    found = dict(schema["properties"]) if isinstance(schema.get("properties"), dict) else {}
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word) or () if depth < _DEEPEST else ():
            found |= _properties(_resolved(part, document), document, depth + 1)
    return found


def _schema(operation: Operation, status: int, document: Mapping[str, Any]) -> Mapping[str, Any]:
    item = _resolved(_member(document.get("paths"), operation.path), document)
    responses = _member(item.get(operation.method.lower()), "responses")
    for key in (str(status), f"{status // 100}XX", "default"):
        response = _resolved(_member(responses, key), document)
        content = response.get("content")
        for media in content.values() if isinstance(content, dict) else (response,):
            if schema := _resolved(_member(media, "schema"), document):
                return schema
    return {}


def _member(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None


def _resolved(node: Any, document: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(_DEEPEST):
        if not isinstance(node, dict):
            return {}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = _member(node, step.replace("~1", "/").replace("~0", "~"))
    return {}


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, '{"id": 1}'), operations=[item_operation()]),
    bad=recorded(exchange(200, '{"id": 1, "password_hash": "x"}'), operations=[item_operation()]),
)
