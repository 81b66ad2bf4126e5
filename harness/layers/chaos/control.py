"""Chaos Toolkit control, added from outside: puts the proof that a fault fired into the journal."""

from typing import Any

from harness.layers.chaos.door import door
from harness.layers.chaos.journal import MEMBER


def after_method_control(context: Any, state: Any, **_: Any) -> None:  # noqa: ARG001 - the hook's signature
    """Read the counters while the fault still stands, before any rollback."""
    if door().context.control_address:
        door().memory["links"] = {name: door().launch.link(name) for name in door().launch.links()}


def after_experiment_control(context: Any, state: dict[str, Any], **_: Any) -> None:  # noqa: ARG001 - as above
    """Write what was seen into the journal."""
    state[MEMBER] = {
        "links": door().memory.get("links", {}),
        "fired": door().memory.get("fired", 0),
    }
