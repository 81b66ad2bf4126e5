"""Says why a value that one JSON Schema allows might be refused by another; an empty answer means never.

It knows the keywords that API documents use. What it does not know it takes for unchanged, so it can miss a
difference, and never sees one between a schema and itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeGuard

Node = Mapping[str, Any]

_DEEPEST = 24
#: Keyword, and whether the outer schema may only have a smaller value (an upper limit: a larger one).
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME = ("pattern", "format", "multipleOf")


class Flow(Enum):
    """Who sends the value: members that only the other one sends do not count."""

    REQUEST = "readOnly"
    RESPONSE = "writeOnly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """One way out: a stable code, where in the value, and a sentence."""

    code: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A schema's home document, in which its references are followed."""

    document: Node

    def resolved(self, node: object) -> Node:
        """Follow references; what leads nowhere constrains nothing."""
        for _ in range(_DEEPEST):
            if not isinstance(node, Mapping):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return self._merged(node)
            node = self._pointed(reference)
        return {}

    def _pointed(self, reference: str) -> object:
        here: object = self.document if reference.startswith("#/") else None
        for step in reference[2:].split("/"):
            here = here.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(here, Mapping) else None
        return here

    def _merged(self, node: Node) -> Node:
        """Lay the parts of `allOf` into one schema."""
        parts = node.get("allOf")
        if not isinstance(parts, list):
            return node
        whole: dict[str, Any] = {}
        for part in (*parts, {name: value for name, value in node.items() if name != "allOf"}):
            found = self.resolved(part)
            both = {
                "properties": {**_members(whole), **_members(found)},
                "required": list(dict.fromkeys([*_required(whole), *_required(found)])),
            }
            whole = {**whole, **found, **{name: value for name, value in both.items() if value}}
        return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """Compares schemas of two documents: is all that `inner` allows allowed by `outer`, too?"""

    inner: Side
    outer: Side
    flow: Flow

    def escapes(self, inner: object, outer: object, where: str = "") -> Iterator[Escape]:
        """Yield every way in which a value of the inner schema might not be one of the outer schema."""
        yield from self._escapes(inner, outer, where or "the value", ())

    def _escapes(
        self, inner: object, outer: object, where: str, seen: tuple[tuple[str, str], ...]
    ) -> Iterator[Escape]:
        pair = (_reference(inner), _reference(outer))
        if len(seen) > _DEEPEST or (pair in seen and all(pair)):
            return
        one, other = self.inner.resolved(inner), self.outer.resolved(outer)
        if other and one is not other:
            path = (*seen, pair)
            if _variants(one) or _variants(other):
                yield from self._variants(one, other, where, path)
                return
            yield from _type_escapes(one, other, where)
            yield from _value_escapes(one, other, where)
            yield from self._member_escapes(one, other, where, path)
            if "items" in one and "items" in other:
                yield from self._escapes(one["items"], other["items"], f"{where}[]", path)

    def _variants(
        self, one: Node, other: Node, where: str, seen: tuple[tuple[str, str], ...]
    ) -> Iterator[Escape]:
        """Every alternative of the inner schema must fit into some alternative of the outer one."""
        outers = _variants(other) or (other,)
        for variant in _variants(one) or (one,):
            ways = [list(self._escapes(variant, each, where, seen)) for each in outers]
            if not all(ways):
                continue
            if len(outers) == 1:
                yield from ways[0]
            else:
                said = f"{where}: {_short(variant)} fits none of {len(outers)} alternatives"
                yield Escape(code="alternative-lost", where=where, sentence=said)

    def _member_escapes(
        self, one: Node, other: Node, where: str, seen: tuple[tuple[str, str], ...]
    ) -> Iterator[Escape]:
        ours, theirs = _members(one), _members(other)
        for name in _required(other):
            if name in _required(one) or self._is_not_sent(theirs.get(name), self.outer):
                continue
            yield self._unrequired(name, is_known=name in ours, where=where)
        for name in theirs:
            if name in ours and not self._is_not_sent(ours[name], self.inner):
                yield from self._escapes(ours[name], theirs[name], f"{where}.{name}", seen)
        if self.flow is Flow.REQUEST and other.get("additionalProperties") is False:
            for name in ours:
                if name not in theirs and not self._is_not_sent(ours[name], self.inner):
                    said = f"{where}.{name} was taken and is refused now"
                    yield Escape(code="member-refused", where=f"{where}.{name}", sentence=said)

    def _unrequired(self, name: str, *, is_known: bool, where: str) -> Escape:
        place = f"{where}.{name}"
        if self.flow is Flow.REQUEST:
            return Escape(code="member-required", where=place, sentence=f"{place} is required now")
        if is_known:
            return Escape(
                code="member-optional", where=place, sentence=f"{place} was always there and may be missing"
            )
        return Escape(code="member-removed", where=place, sentence=f"{place} was always there and is gone")

    def _is_not_sent(self, schema: object, side: Side) -> bool:
        return side.resolved(schema).get(self.flow.value) is True


def _reference(schema: object) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, Mapping) else ""


def _variants(schema: Node) -> Sequence[object]:
    for word in ("oneOf", "anyOf"):
        options = schema.get(word)
        if isinstance(options, list) and options:
            rest = {name: value for name, value in schema.items() if name not in {word, "discriminator"}}
            is_bare = not {"type", "properties", "enum", "required"} & set(rest)
            return tuple(options) if is_bare else tuple({**rest, "allOf": [each]} for each in options)
    return ()


def _members(schema: Node) -> Node:
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def _required(schema: Node) -> Sequence[str]:
    found = schema.get("required")
    return found if isinstance(found, list) else ()


def types_of(schema: Node) -> frozenset[str]:
    """Return the types a schema names, `null` included where OpenAPI 3.0 says nullable; none means any."""
    stated = schema.get("type")
    found = {str(each) for each in stated} if isinstance(stated, list) else {str(stated)} if stated else set()
    if not found and _members(schema):
        found = {"object"}
    if found and schema.get("nullable") is True:
        found.add("null")
    return frozenset(found)


def _type_escapes(one: Node, other: Node, where: str) -> Iterator[Escape]:
    ours, theirs = types_of(one), types_of(other)
    if not theirs:
        return
    lost = (ours - theirs) - ({"integer"} if "number" in theirs else set())
    if lost or not ours:
        said = f"{where} may be {_listed(ours) or 'anything'}, not only {_listed(theirs)}"
        yield Escape(code="type-changed", where=where, sentence=said)


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def _value_escapes(one: Node, other: Node, where: str) -> Iterator[Escape]:
    allowed = _enumerated(other)
    if allowed is not None:
        ours = _enumerated(one)
        lost = None if ours is None else sorted(ours - allowed)
        if lost is None or lost:
            said = f"{where} may be {', '.join(lost[:3]) if lost else 'any value'} beside the values listed"
            yield Escape(code="enum-changed", where=where, sentence=said)
    for names, is_upper in ((_LOWER, False), (_UPPER, True)):
        for name in names:
            yield from _limit_escapes(name, one, other, where, is_upper=is_upper)
    for name in _SAME:
        if name in other and one.get(name) != other[name] and not _is_number_format(one, other, name):
            said = f"{where}: {name} is {one.get(name, 'free')}, not {other[name]}"
            yield Escape(code=f"{name.lower()}-changed", where=where, sentence=said)


def _is_number_format(one: Node, other: Node, name: str) -> bool:
    """`int32` and `double` speak of a machine's registers; their type was compared already."""
    return name == "format" and bool((types_of(one) | types_of(other)) & {"integer", "number"})


def _enumerated(schema: Node) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({json.dumps(schema["const"], sort_keys=True)})
    listed = schema.get("enum")
    if not isinstance(listed, list):
        return None
    return frozenset(json.dumps(each, sort_keys=True) for each in listed)


def _limit_escapes(name: str, one: Node, other: Node, where: str, *, is_upper: bool) -> Iterator[Escape]:
    ours, theirs = one.get(name), other.get(name)
    if not _is_number(theirs) or (name in {"minLength", "minItems", "minProperties"} and not theirs):
        return
    is_within = _is_number(ours) and (ours <= theirs if is_upper else ours >= theirs)
    if not is_within:
        said = f"{where}: {name} is {ours if _is_number(ours) else 'free'}, not {theirs}"
        yield Escape(code="limit-changed", where=where, sentence=said)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(schema: object) -> str:
    return json.dumps(schema, sort_keys=True, default=str)[:80]
