"""Wire types: strict both ways, yet accepting every value that JSON Schema accepts."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

_SAFE_INTEGER = 2**53


def _whole(value: Any) -> Any:
    """JSON knows one kind of number, so 10.0 is the integer 10; a boolean never is."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _SAFE_INTEGER:
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_whole(member) for member in value]
    return value


class Wire(BaseModel):
    """Base of everything that crosses the edge. Constrain members with Field as usual."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _read_numbers_as_json_does(cls, data: Any) -> Any:
        return _whole(data) if isinstance(data, dict) else data


def _parse_instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    if "T" not in value.upper():
        raise ValueError("must be an RFC 3339 date and time")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("must carry an offset, such as Z")
    return moment.astimezone(UTC)


def _format_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Integer = int
"""An integer; Wire has already read integral floats as such, and strict mode refuses booleans."""

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=10_000)]
"""Text that every store can hold: no NUL."""

Timestamp = Annotated[
    AwareDatetime,
    BeforeValidator(_parse_instant),
    PlainSerializer(_format_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, written in UTC with milliseconds."""
