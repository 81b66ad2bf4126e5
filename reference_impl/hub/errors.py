"""The hub's problems.

Problem
├── NoSuchMessage 404     ├── NotQueued 409        ├── RecipientRefused 403
├── NoSuchChannel 404     └── NotDead 409          └── UnknownChannel 422
"""

from reference_impl.kit.problem import Conflict, FieldError, Forbidden, NotFound, Unprocessable


class NoSuchMessage(NotFound):
    """No message of that id that the caller may see."""

    slug = "no-such-message"
    title = "There is no such message"

    def __init__(self) -> None:
        super().__init__("No message of yours has this id.")


class NoSuchChannel(NotFound):
    slug = "no-such-channel"
    title = "There is no such channel"

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__(f"No channel has this id; known: {', '.join(known)}.")


class NotQueued(Conflict):
    """Only a message that still waits can be cancelled."""

    slug = "message-not-queued"
    title = "The message no longer waits"

    def __init__(self, state: str) -> None:
        super().__init__(f"Only a queued message can be cancelled; this one is {state}.", state=state)


class NotDead(Conflict):
    """Only a dead letter can be redriven."""

    slug = "message-not-dead"
    title = "The message is not a dead letter"

    def __init__(self, state: str) -> None:
        super().__init__(f"Only a dead letter can be redriven; this message is {state}.", state=state)


class UnknownChannel(Unprocessable):
    slug = "unknown-channel"
    title = "The message names a channel that does not exist"

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__(
            f"The message names an unknown channel; known: {', '.join(known)}.",
            errors=(FieldError(pointer="/channel", detail="unknown channel"),),
        )


class RecipientRefused(Forbidden):
    """The channel must never send there."""

    slug = "recipient-refused"
    title = "The channel does not send to this recipient"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors=(FieldError(pointer="/to", detail=detail),))
