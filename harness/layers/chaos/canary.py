"""The chaos layer's canary: one experiment on a service that holds and on one that does not."""

from pathlib import Path

import yaml

from harness.core.layer import Depth
from harness.layers.chaos.context import ChaosContext, write_context
from harness.layers.chaos.experiment import Experiment
from harness.layers.chaos.journal import Reading, read_journal
from harness.layers.chaos.tool import run_experiment
from harness.plan.engine import CanaryVerdict
from harness.target.canary_service import Variant, canary_service

_PROBE = {
    "type": "probe",
    "name": "item-is-there",
    "provider": {
        "type": "python",
        "module": "harness.layers.chaos.probes",
        "func": "answers",
        "arguments": {"path": "/items/1", "status": [200]},
    },
}
_DOCUMENT = {
    "version": "1.0.0",
    "title": "An item is there",
    "description": "What every run must tell apart before the layer is trusted.",
    "steady-state-hypothesis": {
        "title": "An item is there",
        "probes": [{**_PROBE, "tolerance": {"type": "regex", "pattern": "^ok"}}],
    },
    "method": [_PROBE],
}


def told_apart(scratch: Path) -> CanaryVerdict:
    """Run one experiment on a good and on a bad service and read both journals."""
    file = scratch / "canary.yaml"
    file.write_text(yaml.safe_dump(_DOCUMENT), encoding="utf-8")
    experiment = _experiment(file)
    good, bad = _reading("good", experiment, scratch), _reading("bad", experiment, scratch)
    saw_good = good.was_steady and good.ran_all and good.met("item-is-there")
    saw_bad = not bad.was_steady and not bad.met("item-is-there")
    return CanaryVerdict(
        told_apart=saw_good and saw_bad,
        detail=f"good service {'held' if saw_good else 'did not hold'}, "
        f"bad service {'deviated' if saw_bad else 'did not deviate'}",
    )


def _reading(variant: Variant, experiment: Experiment, scratch: Path) -> Reading:
    with canary_service(variant, scratch) as url:
        context = scratch / f"{variant}.context.json"
        write_context(
            ChaosContext(base_url=url, direct_url=url, control_address="", control_token=""), context
        )
        run = run_experiment(
            experiment,
            context=context,
            scratch=scratch / variant,
            log=scratch / f"{variant}.log",
            redact=lambda line: line,
            seconds=30.0,
        )
    return read_journal(run.journal, experiment)


def _experiment(file: Path) -> Experiment:
    return Experiment(
        path=file,
        title="An item is there",
        depth=Depth.QUICK,
        judges=(),
        proof_link="",
        at_least=1,
        activities=1,
        rollbacks=0,
    )
