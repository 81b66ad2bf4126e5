"""Flags into types: what was chosen of a target."""

import argparse

from harness.core.layer import Depth, Layer
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
