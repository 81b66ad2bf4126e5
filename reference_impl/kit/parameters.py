"""Strict input for query parameters: a name that the route does not declare is an error, as in bodies."""

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from reference_impl.kit.problem import FieldError, Unprocessable

_declared: WeakKeyDictionary[Callable[..., Any], frozenset[str]] = WeakKeyDictionary()


def refuse_unknown_parameters(request: Request) -> None:
    """Raise when the query holds a name that the matched route does not know."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    known = _declared.get(route.endpoint)
    if known is None:
        known = _declared[route.endpoint] = frozenset(_names(route.dependant))
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise Unprocessable(
            "The query holds parameters that this operation does not have.",
            errors=tuple(
                FieldError(pointer=f"/{name}", detail="unknown parameter", location="query")
                for name in unknown
            ),
        )


def _names(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (member.alias or name for name, member in annotation.model_fields.items())
        else:
            yield parameter.alias
    for child in dependant.dependencies:
        yield from _names(child)
