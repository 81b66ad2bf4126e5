"""The breaker service's problems.

Problem
├── NoSuchBreaker 404     ├── BreakerExists 409            └── EventsUnavailable 503
└── NoSuchAlert 404       └── SettingsRefused 422
"""

from reference_impl.breakers.library.states import InvalidSettings
from reference_impl.kit.problem import Conflict, FieldError, NotFound, Unavailable, Unprocessable


class NoSuchBreaker(NotFound):
    slug = "no-such-breaker"
    title = "There is no such breaker"

    def __init__(self) -> None:
        super().__init__("No breaker has this id.")


class NoSuchAlert(NotFound):
    slug = "no-such-alert"
    title = "There is no such alert"

    def __init__(self) -> None:
        super().__init__("No alert has this id.")


class BreakerExists(Conflict):
    slug = "breaker-exists"
    title = "A breaker of this name exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"A breaker named {name} exists; change it or choose another name.")


class SettingsRefused(Unprocessable):
    slug = "breaker-settings-refused"
    title = "The settings are out of range"

    def __init__(self, cause: InvalidSettings) -> None:
        super().__init__(
            f"{cause.member}: {cause.detail}.",
            errors=(FieldError(pointer=f"/settings/{cause.member}", detail=cause.detail),),
        )


class EventsUnavailable(Unavailable):
    slug = "events-unavailable"
    title = "Events cannot be streamed at the moment"

    def __init__(self) -> None:
        super().__init__("Events cannot be read, or too many listen. Try again.", retry_after=2)
