"""Makes a list longer than its pages, so that it shows whether they have an end."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.making import Maker
from harness.target.surface import Resource, resources

#: What one list may cost in requests.
_MOST_MADE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Filler:
    """Makes objects of a list, as the first of some people who may: whose own list is the one looked at."""

    maker: Maker
    may_fill: bool
    makers: Sequence[httpx.Client]

    def fill(self, collection: Operation, wanted: int) -> bool:
        """Make as many as wanted; says whether all were made, and makes none where there are too many."""
        every = resources(self.maker.target.operations)
        resource = next((each for each in every if each.collection == collection), None)
        if resource is None or not self.may_fill or wanted > _MOST_MADE:
            return False
        willing = (client for client in self.makers if self.maker.create(resource, client) is not None)
        client = next(willing, None)
        return client is not None and self._all(resource, client, wanted - 1)

    def _all(self, resource: Resource, client: httpx.Client, wanted: int) -> bool:
        made = 0
        while made < wanted and not self.maker.pace.is_over:
            if self.maker.create(resource, client) is None:
                return False
            made += 1
        return made == wanted
