"""Strict arguments: unknown ones are refused, and what is wrong is said in our own words."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from reference_impl.kit.model import Integer, Text, Wire
from reference_impl.mcp.errors import ArgumentsRefused

_SAYINGS: Mapping[str, str] = {
    "extra_forbidden": "is not an argument of this tool",
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "is too short",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "holds characters that are not allowed",
    "int_type": "must be a whole number",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "model_type": "must be an object",
}
_OTHERWISE = "is not valid"
_MOST_FAULTS = 10
_LONGEST_NAME = 60


class SearchArguments(Wire):
    """What both search tools take."""

    query: Annotated[Text, Field(min_length=1, max_length=400, description="What to search for.")]
    count: Annotated[Integer, Field(ge=1, le=20, description="At most this many results.")] = 10


def read_arguments(model: type[Wire], given: object) -> Mapping[str, Any]:
    """Return the arguments as the tool takes them, or refuse them all."""
    try:
        return model.model_validate(given).model_dump()
    except ValidationError as error:
        raise ArgumentsRefused([_fault(each) for each in error.errors()[:_MOST_FAULTS]]) from None


def _fault(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])[:_LONGEST_NAME] or "arguments"
    return f"{name} {_SAYINGS.get(error['type'], _OTHERWISE)}"
