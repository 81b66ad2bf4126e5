"""`harness plan TARGET`: what a run would judge, what it would leave out, and why; only probes are sent."""

import argparse
from collections import Counter

from harness.cli.command import Command
from harness.cli.run_ import add_choice


def run(options: argparse.Namespace) -> int:
    """Probe, plan and print; no layer runs."""
    from harness.cli.choice import choice_of  # noqa: PLC0415 - heavy imports inside the command
    from harness.cli.progress import PlainProgress  # noqa: PLC0415
    from harness.runner.measure import plan_only  # noqa: PLC0415
    from harness.runner.options import RunOptions  # noqa: PLC0415

    plan = plan_only(
        RunOptions(target=options.target, choice=choice_of(options), read_only=options.read_only),
        PlainProgress(quiet=True),
    )
    print("capabilities")
    for capability in plan.capabilities.values():
        print(f"  {capability.id:18} {capability.state.value:8} {capability.detail}")
    print("layers:", ", ".join(layer.value for layer in plan.layers) or "none")
    for layer, reason in plan.idle.items():
        print(f"  {layer.value} has nothing to do: {reason}")
    judged = [item for item in plan.subjects if item.skip is None and not item.not_applicable]
    print(f"subjects to judge: {len(judged)} of {len(plan.subjects)}")
    reasons = Counter(item.skip.value for item in plan.subjects if item.skip is not None)
    reasons.update("not applicable: " + item.not_applicable for item in plan.subjects if item.not_applicable)
    for reason, count in reasons.most_common():
        print(f"  {count:5} {reason}")
    return 0


COMMAND = Command(
    name="plan", summary="show what a run would judge, and why not the rest", arguments=add_choice, run=run
)
