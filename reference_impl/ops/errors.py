"""What the control endpoints can refuse."""

from collections.abc import Sequence

from reference_impl.kit.problem import NotFound


class NoSuchState(NotFound):
    slug = "no-such-provider-state"
    title = "There is no such provider state"

    def __init__(self, state: str, known: Sequence[str]) -> None:
        super().__init__(f"No provider state is named {state!r}.", known=list(known))
