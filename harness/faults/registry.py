"""Finds the toxics: the files of harness/faults/toxics and the entry points `harness.toxics`."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from harness.core.errors import HarnessFault, UsageProblem
from harness.core.relay import Direction
from harness.faults import toxics as package
from harness.faults.toxic import Injection, Toxic


def discover(found: Iterable[Toxic]) -> Mapping[str, Toxic]:
    """Return the toxics by id; raises HarnessFault when two claim the same one."""
    by_id: dict[str, Toxic] = {}
    for toxic in found:
        if toxic.id in by_id:
            raise HarnessFault(f"two toxics are called {toxic.id!r}", remedy="Rename one of them.")
        by_id[toxic.id] = toxic
    return MappingProxyType(by_id)


@cache
def toxics() -> Mapping[str, Toxic]:
    """Return every toxic there is."""
    own = (
        importlib.import_module(f"{package.__name__}.{module.name}").TOXIC
        for module in pkgutil.iter_modules(package.__path__)
    )
    foreign = (point.load() for point in entry_points(group="harness.toxics"))
    return discover((*own, *foreign))


def checked(injection: Injection) -> tuple[Toxic, Mapping[str, float]]:
    """Return the toxic that is asked for with all its attributes; raises UsageProblem for what it is not."""
    toxic = toxics().get(injection.type)
    if toxic is None:
        raise UsageProblem(
            f"there is no toxic {injection.type!r}", remedy=_suggestion(injection.type, toxics())
        )
    for name, value in injection.attributes.items():
        attribute = toxic.attributes.get(name)
        if attribute is None:
            raise UsageProblem(
                f"{toxic.id} has no attribute {name!r}", remedy=_suggestion(name, toxic.attributes)
            )
        if value < attribute.least:
            raise UsageProblem(
                f"{toxic.id}: {name} is {value:g} {attribute.unit}, at least {attribute.least:g}"
            )
    if not 0 <= injection.toxicity <= 1:
        raise UsageProblem(f"toxicity is {injection.toxicity:g}; it is the share of connections, 0 to 1")
    defaults = {name: attribute.default for name, attribute in toxic.attributes.items()}
    return toxic, defaults | dict(injection.attributes)


def injection_of(record: Mapping[str, object]) -> Injection:
    """Read `{type, attributes, toxicity, stream}`; raises UsageProblem on another shape."""
    stream = record.get("stream", Direction.DOWNSTREAM.value)
    attributes = record.get("attributes", {})
    toxicity = record.get("toxicity", 1.0)
    ways = {"both": tuple(Direction), **{item.value: (item,) for item in Direction}}
    if unknown := set(record) - {"type", "attributes", "toxicity", "stream"}:
        raise UsageProblem(f"a toxic has no {min(unknown)!r}")
    if stream not in ways:
        raise UsageProblem(f"stream is {stream!r}", remedy="Write upstream, downstream or both.")
    if not isinstance(attributes, Mapping) or not all(_is_number(value) for value in attributes.values()):
        raise UsageProblem("attributes must be a table of numbers")
    if not isinstance(toxicity, int | float):
        raise UsageProblem("toxicity must be a number")
    return Injection(
        type=str(record.get("type", "")),
        attributes={str(name): float(value) for name, value in attributes.items()},
        toxicity=float(toxicity),
        directions=ways[str(stream)],
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _suggestion(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(names) or 'none'}."
