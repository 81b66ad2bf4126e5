"""Flags into types: what was chosen of a target."""

import argparse

from harness.core.errors import UsageProblem
from harness.core.layer import Depth, Layer
from harness.core.target import Limits
from harness.plan.planner import Choice


def choice_of(options: argparse.Namespace) -> Choice:
    """Return what the user chose of the target."""
    return Choice(
        depth=Depth(options.depth),
        seed=options.seed or 0,
        layers=tuple(Layer(name) for name in options.layer),
        select=tuple(options.select),
        ignore=tuple(options.ignore),
    )


def limits_of(options: argparse.Namespace) -> Limits:
    """Return what the run may cost a deployment; raises UsageProblem for less than nothing."""
    if options.max_requests < 0 or options.rate < 0:
        raise UsageProblem(
            "--max-requests and --rate are not negative", remedy="leave them out for the default"
        )
    return Limits(requests=options.max_requests, requests_per_second=options.rate)
