"""Chaos Toolkit control, added from outside: notes which activity runs, writes the proof into the journal."""

from typing import Any

from harness.layers.chaos.door import door
from harness.layers.chaos.journal import MEMBER


def before_activity_control(context: dict[str, Any], **_: Any) -> None:
    """Note the activity's name: a probe itself does not know it."""
    door().memory["activity"] = context.get("name", "")


def before_rollback_control(context: Any, **_: Any) -> None:  # noqa: ARG001 - the hook's signature
    """Read the counters after the last look at the target, while the fault still stands."""
    if door().context.control_address:
        door().memory["links"] = {name: door().launch.link(name) for name in door().launch.links()}


def after_experiment_control(context: Any, state: dict[str, Any], **_: Any) -> None:  # noqa: ARG001 - as above
    """Write what was seen into the journal."""
    state[MEMBER] = {
        "links": door().memory.get("links", {}),
        "fired": door().memory.get("fired", 0),
    }
