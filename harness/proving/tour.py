"""A short tour of a target: few scenarios that reach nearly all of what the whole layer of them reaches.

What only judges judge is shown by any traffic. Most defects of that kind show on a tour, which costs a
quarter of the layer; one that does not is shown the whole layer afterwards.
"""

from collections import defaultdict
from collections.abc import Mapping

from harness.core.exchange import Exchange
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.core.operation import Operations

#: One in so many pairs of operation and status a tour leaves out; the last few cost as much as all before.
_LEFT_OUT = 10
#: What choosing a requirement costs besides its requests, in requests.
_COST = 3

Pair = tuple[str, int]


def tour(clean: ScoredRun) -> tuple[str, ...]:
    """Return the requirements whose scenarios make up a tour, from what a clean run of the layer recorded.

    They are chosen one after the other by what each adds for its requests (greedy set cover, Chvatal 1979).
    """
    reached = _reached(clean)
    whole = set[Pair]().union(*(pairs for pairs, _ in reached.values()))
    left, chosen = whole, list[str]()
    enough = len(whole) // _LEFT_OUT
    while len(left) > enough:
        best = max(sorted(reached), key=lambda name: _gain(reached[name], left))
        left = left - reached[best][0]
        chosen.append(best)
    return tuple(sorted(chosen))


def _gain(reached: tuple[frozenset[Pair], int], left: set[Pair]) -> float:
    pairs, requests = reached
    return len(pairs & left) / (_COST + requests)


def _reached(clean: ScoredRun) -> Mapping[str, tuple[frozenset[Pair], int]]:
    """Return for each requirement that scenarios judge what their steps reach, and with how many requests."""
    operations = Operations(clean.run.operations, prefix=clean.run.path_prefix)
    pairs: defaultdict[str, set[Pair]] = defaultdict(set)
    requests: defaultdict[str, int] = defaultdict(int)
    for exchange in clean.exchanges.values():
        if exchange.step and exchange.response is not None:
            pairs[exchange.step].add(_pair(exchange, exchange.response.status, operations))
            requests[exchange.step] += 1
    steps: defaultdict[str, set[str]] = defaultdict(set)
    for finding in clean.findings:
        if finding.layer is Layer.SCENARIOS:
            seen = (clean.exchanges.get(name) for name in finding.exchanges)
            steps[finding.requirement].update(item.step for item in seen if item is not None and item.step)
    return {
        name: (frozenset[Pair]().union(*(pairs[step] for step in own)), sum(requests[step] for step in own))
        for name, own in steps.items()
    }


def _pair(exchange: Exchange, status: int, operations: Operations) -> Pair:
    operation = operations.find(exchange.request.method, exchange.request.path)
    return (operation.subject if operation else exchange.request.method, status)
