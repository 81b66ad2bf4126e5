"""Values that fit a schema: what the document gives as an example, and else the plainest that is allowed.

The same arguments give the same value. `variant` asks for another one that fits as well, so that two objects
of a kind can be told apart; 0 is the document's own example where it has one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor
from random import Random
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import HypothesisException, NoSuchExample
from hypothesis.strategies import characters, from_regex

from harness.core.operation import Operation
from harness.layers.scenarios.signals import Inconclusive
from harness.target.schemas import (
    FORMS,
    EndlessSchema,
    Media,
    Node,
    child,
    listed,
    merged,
    request_media,
    request_schema,
    resolved,
    type_of,
)

__all__ = ["CannotSample", "merged", "request_schema", "resolved", "sample", "valid_body", "valid_form"]

#: What a document that is no OpenAPI at the place in question brings about.
_UNREADABLE = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)
_DEEPEST = 12
#: Printable ASCII: what anybody can type, and cheap to look through.
_PLAIN = characters(min_codepoint=0x20, max_codepoint=0x7E)
_DEEPEST_OPTIONAL = 4
_MOST_VARIED = 20
_KINDS = (digits, ascii_lowercase, ascii_uppercase)

#: A text by format, or by the last word of a member's name where none is stated; `{n}` tells variants apart.
_FORMATS = {
    "uuid": "00000000-0000-4000-8000-{n:012d}",
    "date": "2031-01-{day:02d}",
    "date-time": "2031-01-{day:02d}T03:04:05Z",
    "time": "03:04:05Z",
    "duration": "PT1H",
    "email": "sample{n}@example.com",
    "idn-email": "sample{n}@example.com",
    "hostname": "sample{n}.example.com",
    "ipv4": "192.0.2.{day}",
    "ipv6": "2001:db8::{day}",
    "uri": "https://example.com/sample{n}",
    "url": "https://example.com/sample{n}",
    "iri": "https://example.com/sample{n}",
    "uri-reference": "/sample{n}",
    "byte": "c2FtcGxl",
    "binary": "sample{n}",
    "password": "Long-sample-7f3a9c-{n}",
    "json-pointer": "/sample{n}",
    "regex": "^sample{n}$",
}
_NAMES = {
    "email": "email",
    "mail": "email",
    "url": "uri",
    "uri": "uri",
    "website": "uri",
    "link": "uri",
    "password": "password",
    "uuid": "uuid",
    "date": "date",
    "hostname": "hostname",
}


class CannotSample(Inconclusive):
    """No value could be made for a schema; a scenario that does not care is inconclusive by it."""

    def __init__(self, detail: str) -> None:
        super().__init__("no-sample", detail)


def sample(schema: Node, document: Node, *, variant: int = 0, with_optional: bool = False) -> Any:
    """Return a JSON value that fits; members that need not be there are left out unless asked for."""
    sampler = _Sampler(document=document, variant=variant, with_optional=with_optional)
    try:
        return sampler.value(schema)
    except _UNREADABLE as problem:
        raise CannotSample(f"The schema cannot be read: {problem}") from problem


def valid_body(operation: Operation, document: Node, *, variant: int = 0, with_optional: bool = False) -> Any:
    """Return a JSON body that the operation should take; raises CannotSample where it takes no JSON."""
    for media in request_media(operation, document):
        if media.name == "application/json" or media.name.endswith("+json"):
            return _body(media, document, variant, with_optional=with_optional)
    raise CannotSample(f"{operation.subject} declares no JSON body.")


def valid_form(operation: Operation, document: Node, *, variant: int = 0) -> Mapping[str, str]:
    """Return the fields of a form that the operation should take; raises CannotSample where it takes none."""
    for media in request_media(operation, document):
        if media.name in FORMS:
            value = _body(media, document, variant, with_optional=False)
            if isinstance(value, dict):
                return {name: str(field) for name, field in value.items()}
    raise CannotSample(f"{operation.subject} declares no form.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sampler:
    """Walks one schema."""

    document: Node
    variant: int
    with_optional: bool

    def value(self, schema: object, *, name: str = "", depth: int = 0) -> Any:
        if depth > _DEEPEST:
            raise CannotSample(f"The schema of {name or 'the value'} never ends.")
        if schema is True:
            return self._plain(name)
        here = self._merged(schema, name)
        given = list(_given(here))
        if given and (self.variant == 0 or not self._is_free_text(here)):
            return given[self.variant % len(given)]
        return self._by_type(here, name=name, depth=depth)

    def _merged(self, schema: object, name: str) -> Node:
        try:
            return merged(schema, self.document)
        except EndlessSchema as problem:
            raise CannotSample(f"The schema of {name or 'the value'} never ends.") from problem

    def _is_free_text(self, schema: Node) -> bool:
        return type_of(schema) == "string" and "enum" not in schema and "const" not in schema

    def _by_type(self, schema: Node, *, name: str, depth: int) -> Any:
        match type_of(schema):
            case "object":
                value: Any = dict(self._members(schema, depth))
            case "array":
                value = self._array(schema, name=name, depth=depth)
            case "integer":
                value = int(self._number(schema, step=1))
            case "number":
                value = self._number(schema, step=1)
            case "boolean":
                value = False
            case "null":
                value = None
            case "string":
                value = self._text(schema, name)
            case _:
                value = self._plain(name)
        return value

    def _members(self, schema: Node, depth: int) -> Iterator[tuple[str, Any]]:
        properties = schema.get("properties", {})
        required = listed(schema, "required")
        wanted = list(required)
        if self.with_optional and depth < _DEEPEST_OPTIONAL:
            wanted += [name for name in properties if name not in required]
        for name in wanted:
            member = properties.get(name, True)
            if resolved(member, self.document).get("readOnly") is not True:
                yield name, self.value(member, name=name, depth=depth + 1)

    def _array(self, schema: Node, *, name: str, depth: int) -> list[Any]:
        least = int(schema.get("minItems", 0))
        count = max(least, 1) if depth < _DEEPEST_OPTIONAL else least
        count = min(count, int(schema.get("maxItems", count)))
        items = schema.get("items", True)
        return [
            _Sampler(
                document=self.document, variant=self.variant + at, with_optional=self.with_optional
            ).value(items, name=name, depth=depth + 1)
            for at in range(count)
        ]

    def _number(self, schema: Node, *, step: float) -> float:
        step = schema.get("multipleOf", step)
        low, high = _bounds(schema, step)
        start = low if low is not None else (1 if high is None or high >= 1 else high)
        start = ceil(start / step) * step
        room = 1000 if high is None else max(floor((high - start) / step), 0)
        return start + (self.variant % (room + 1)) * step

    def _text(self, schema: Node, name: str) -> str:
        if "pattern" in schema:
            return self._matching(str(schema["pattern"]), schema)
        text = self._plain(name, str(schema.get("format", "")))
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        if len(text) < least:
            text += "x" * (least - len(text))
        return text if most is None or len(text) <= int(most) else self._short(text, int(most))

    def _short(self, text: str, most: int) -> str:
        """Keep the end that tells variants apart."""
        mark = str(self.variant) if self.variant else ""
        return (text[: max(most - len(mark), 0)] + mark)[:most]

    def _plain(self, name: str, stated: str = "") -> str:
        word = name.replace("-", "_").rpartition("_")[2].lower()
        form = _FORMATS.get(stated) or _FORMATS.get(_NAMES.get(word, "")) or "sample{n}"
        number = self.variant or ("" if "{n:" not in form else 0)
        return form.format(n=number, day=1 + self.variant % 28)

    def _matching(self, pattern: str, schema: Node) -> str:
        """The plainest match comes first whatever the seed, so another variant is any but that."""
        least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 10_000))

        def is_plain(text: str) -> bool:
            return least <= len(text) <= most and text.isprintable()

        try:
            plainest = _found(pattern, is_plain, seed=0)
            if self.variant == 0:
                return plainest

            def is_another(text: str) -> bool:
                return is_plain(text) and text != plainest

            found = _found(pattern, is_another, seed=self.variant, default=plainest)
            return _varied(
                found,
                lambda text: is_another(text) and re.search(pattern, text) is not None,
                seed=self.variant,
            )
        except (HypothesisException, ValueError) as problem:
            raise CannotSample(f"No text was found for the pattern {pattern!r}.") from problem


def _found(pattern: str, is_wanted: Callable[[str], bool], *, seed: int, default: str = "") -> str:
    once = settings(database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    try:
        texts = from_regex(pattern, alphabet=_PLAIN)
        return find(texts, is_wanted, settings=once, random=Random(seed))  # noqa: S311
    except NoSuchExample:
        if not default:
            raise
        return default


def _varied(text: str, is_wanted: Callable[[str], bool], *, seed: int) -> str:
    """Return a text like it that is wanted, too: of what is looked for, only few differ in many places.

    Thirteen digits, say, come as one of nine, and what was deleted may keep its number for ever.
    """
    random = Random(seed)  # noqa: S311
    for _ in range(_MOST_VARIED):
        other = "".join(
            next((random.choice(kind) for kind in _KINDS if letter in kind), letter) for letter in text
        )
        if is_wanted(other):
            return other
    return text


def _given(schema: Node) -> Iterable[Any]:
    """Return what the schema itself gives, the most binding first."""
    if "const" in schema:
        return (schema["const"],)
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return tuple(schema["enum"])
    examples = schema.get("examples")
    if isinstance(examples, list) and examples:
        return tuple(examples)
    return tuple(schema[word] for word in ("example", "default") if schema.get(word) is not None)[:1]


def _bounds(schema: Node, step: float) -> tuple[float | None, float | None]:
    """Read both spellings of an open bound: a number (3.1) and a flag beside the closed one (3.0)."""

    def bound(closed: str, opened: str, inward: float) -> float | None:
        edge, beyond = schema.get(closed), schema.get(opened)
        if isinstance(beyond, bool):
            return None if edge is None else float(edge) + (inward if beyond else 0)
        if beyond is not None:
            return float(beyond) + inward
        return None if edge is None else float(edge)

    return bound("minimum", "exclusiveMinimum", step), bound("maximum", "exclusiveMaximum", -step)


def _body(media: Media, document: Node, variant: int, *, with_optional: bool) -> Any:
    examples = [
        resolved(each, document).get("value") for each in child(media.declared, "examples", document).values()
    ]
    given = [each for each in (media.declared.get("example"), *examples) if each is not None]
    if given and variant == 0 and not with_optional:
        return given[0]
    return sample(media.declared.get("schema", {}), document, variant=variant, with_optional=with_optional)
