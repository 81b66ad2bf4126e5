"""Compares two OpenAPI documents of one service: what a client of the old one would trip over in the new one.

A client may rely on what the old document promised: what it sends must be taken still, and what it gets must
be among what it was told to expect. What was marked deprecated before it went is excused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.core.schema_inclusion import Flow, Inclusion, Node, Side

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAMED = re.compile(r"\{[^}]+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One breaking change of one operation: a stable code and a sentence."""

    code: str
    sentence: str
    is_excused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    """An operation with the parameters of its path."""

    raw: Node
    shared: tuple[object, ...]
    is_secured: bool


def breaking_changes(old: Node, new: Node) -> Mapping[str, tuple[Change, ...]]:
    """Return the breaking changes of every operation of the old document, most of them none."""
    comparison = _Comparison(Side(document=old), Side(document=new))
    present = {_anonymous(subject): found for subject, found in _operations(new).items()}
    return {
        subject: tuple(comparison.changes(found, present.get(_anonymous(subject))))
        for subject, found in _operations(old).items()
    }


def _operations(document: Node) -> Mapping[str, _Operation]:
    paths = document.get("paths")
    default = bool(document.get("security"))
    found = {}
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        for method in _METHODS:
            raw = item.get(method) if isinstance(item, Mapping) else None
            if isinstance(raw, Mapping):
                found[f"{method.upper()} {path}"] = _Operation(
                    raw=raw,
                    shared=tuple(_list(item, "parameters")),
                    is_secured=_needs_credentials(raw.get("security"), default=default),
                )
    return found


def _needs_credentials(security: object, *, default: bool) -> bool:
    """Whether a caller without credentials is refused: an empty alternative lets everybody in."""
    if not isinstance(security, list):
        return default
    return bool(security) and all(security)


def _anonymous(subject: str) -> str:
    """Return an operation's name without the names of its path parameters: those are no promise."""
    return _NAMED.sub("{}", subject)


class _Comparison:
    def __init__(self, old: Side, new: Side) -> None:
        self._old = old
        self._new = new
        self._requests = Inclusion(inner=old, outer=new, flow=Flow.REQUEST)
        self._responses = Inclusion(inner=new, outer=old, flow=Flow.RESPONSE)

    def changes(self, old: _Operation, new: _Operation | None) -> Iterator[Change]:
        """Yield what is broken for a client of the old operation."""
        if new is None:
            is_excused = old.raw.get("deprecated") is True
            yield Change(code="operation-removed", sentence="it is gone", is_excused=is_excused)
            return
        if new.is_secured and not old.is_secured:
            yield Change(code="security-added", sentence="it needs credentials now")
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._answers(old, new)

    def _parameters(self, old: _Operation, new: _Operation) -> Iterator[Change]:
        before, now = _parameters(old, self._old), _parameters(new, self._new)
        for key, parameter in now.items():
            place, name = key
            was = before.get(key)
            is_asked = parameter.get("required") is True and place != "path"
            if is_asked and (was is None or was.get("required") is not True):
                yield Change(code="parameter-required", sentence=f"{place} parameter {name} is required now")
            if was is not None:
                where = f"{place} parameter {name}"
                for escape in self._requests.escapes(_schema(was), _schema(parameter), where):
                    yield Change(code=f"request-{escape.code}", sentence=escape.sentence)

    def _body(self, old: _Operation, new: _Operation) -> Iterator[Change]:
        before = self._old.resolved(old.raw.get("requestBody"))
        now = self._new.resolved(new.raw.get("requestBody"))
        if now.get("required") is True and before.get("required") is not True:
            yield Change(code="body-required", sentence="a body is required now")
        contents = _content(now)
        for media_type, entry in _content(before).items():
            match = contents.get(media_type, contents.get("*/*"))
            if match is None:
                yield Change(
                    code="request-media-type-removed", sentence=f"{media_type} is not taken any more"
                )
                continue
            for escape in self._requests.escapes(
                entry.get("schema", {}), match.get("schema", {}), "the body"
            ):
                yield Change(code=f"request-{escape.code}", sentence=escape.sentence)

    def _answers(self, old: _Operation, new: _Operation) -> Iterator[Change]:
        before, now = _responses(old, self._old), _responses(new, self._new)
        for status, was in before.items():
            answer = now.get(status, now.get(f"{status[:1]}XX"))
            if answer is not None:
                yield from self._answer(status, was, answer)
            elif status.startswith("2"):
                others = sorted(each for each in now if each.startswith("2"))
                said = f"{status} is not answered any more, but {', '.join(others) or 'no success'}"
                yield Change(code="status-moved", sentence=said)

    def _answer(self, status: str, was: Node, now: Node) -> Iterator[Change]:
        contents = _content(now)
        for media_type, entry in _content(was).items():
            match = contents.get(media_type)
            if match is None:
                said = f"{status} is not given as {media_type} any more"
                yield Change(code="response-media-type-removed", sentence=said)
                continue
            schema = entry.get("schema", {})
            for escape in self._responses.escapes(match.get("schema", {}), schema, f"{status}"):
                is_excused = escape.code.startswith("member-") and self._was_deprecated(
                    schema, escape.where.split(".")[1:]
                )
                yield Change(code=f"response-{escape.code}", sentence=escape.sentence, is_excused=is_excused)

    def _was_deprecated(self, schema: object, path: list[str]) -> bool:
        """Whether the old document called the member deprecated that is gone now."""
        here = self._old.resolved(schema)
        for step in path:
            name = step.rstrip("[]")
            here = self._old.resolved(here.get("properties", {}).get(name, {}))
            for _ in range(step.count("[]")):
                here = self._old.resolved(here.get("items", {}))
        return here.get("deprecated") is True


def _parameters(operation: _Operation, side: Side) -> Mapping[tuple[str, str], Node]:
    found = {}
    for each in (*operation.shared, *_list(operation.raw, "parameters")):
        parameter = side.resolved(each)
        place = str(parameter.get("in", ""))
        if place in {"query", "header", "cookie"}:
            name = str(parameter.get("name", ""))
            found[place, name.lower() if place == "header" else name] = parameter
    return found


def _schema(parameter: Node) -> Any:
    return parameter.get("schema", parameter if "type" in parameter else {})


def _responses(operation: _Operation, side: Side) -> Mapping[str, Node]:
    found = operation.raw.get("responses")
    items = found.items() if isinstance(found, Mapping) else ()
    return {str(status): side.resolved(answer) for status, answer in items}


def _content(holder: Node) -> Mapping[str, Node]:
    found = holder.get("content")
    items = found.items() if isinstance(found, Mapping) else ()
    return {str(name): entry for name, entry in items if isinstance(entry, Mapping)}


def _list(node: object, name: str) -> list[Any]:
    found = node.get(name) if isinstance(node, Mapping) else None
    return found if isinstance(found, list) else []
