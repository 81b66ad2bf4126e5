"""The problems of the MCP door.

Problem
└── ForeignOrigin 403
ArgumentsRefused (becomes a tool's own error result)
"""

from collections.abc import Sequence

from reference_impl.kit.problem import Forbidden


class ForeignOrigin(Forbidden):
    """Host or Origin is not ours: a page of another site, or a name made to point at us."""

    slug = "foreign-origin"
    title = "The request does not come from here"

    def __init__(self) -> None:
        super().__init__("The Host or Origin header names a place that this server does not serve.")


class ArgumentsRefused(Exception):
    """The arguments of a call do not fit the tool."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)
