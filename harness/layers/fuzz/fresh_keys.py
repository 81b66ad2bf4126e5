"""Loaded by Schemathesis itself: a valid Idempotency-Key is a new one in every request.

It tries the same valid value of a header in many cases. To a service that keeps its word, a key that was used
is a repetition: it answers with what the first request made, or refuses, and never looks at the body.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import schemathesis
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from harness.layers.fuzz.headers import compiled
from harness.layers.fuzz.keys import NAME, fresh


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Give a case that sends a key one of its own, where the document allows it."""
    if NAME not in (case.headers or {}) or _is_meant_badly(case):
        return
    key = fresh()
    validators = map(compiled, _schemas(case.operation.headers))
    if all(each is not None and each.is_valid(key) for each in validators):
        case.headers[NAME] = key


def _is_meant_badly(case: Case[Any]) -> bool:
    part = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    return part is not None and part.mode is GenerationMode.NEGATIVE


def _schemas(parameters: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
    for each in parameters:
        if each.name.lower() == NAME.lower():
            schema = each.definition.get("schema", {})
            yield schema if isinstance(schema, Mapping) else {}
