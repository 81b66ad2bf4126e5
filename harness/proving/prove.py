"""Runs the harness against each seeded defect, black-box, and compares with the clean target."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock

from harness.core.area import Area
from harness.core.clock import Clock, SystemClock
from harness.core.errors import TargetUnreachable
from harness.core.layer import ENGINE_LAYERS, Layer
from harness.core.maturity import ScoredRun
from harness.plan.planner import Choice
from harness.proving.attribution import Attribution, Cell, Switch, attribute, false_alarms
from harness.proving.blend import area_low, blend
from harness.proving.defects import Defect
from harness.runner.measure import measure
from harness.runner.options import Progress, RunOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is known of one defect; `low_before` and `low_after` are its area's L, clean and defective."""

    defect: Defect
    attribution: Attribution
    area: Area
    low_before: float
    low_after: float
    seconds: float
    twin_alarms: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveOptions:
    """How to prove: `switch` is the environment variable that turns defects on.

    `all_layers` runs every layer, not only those that can see the defect.
    """

    target_file: str
    switch: str
    choice: Choice
    out: Path
    all_layers: bool = False


class Prover:
    """Proves one defect after the other against one clean run; each on fresh instances."""

    def __init__(self, options: ProveOptions, progress: Progress, clock: Clock | None = None) -> None:
        self._options = options
        self._progress = progress
        self._clock = clock or SystemClock()

    def clean(self) -> ScoredRun:
        """Measure the clean target whole; a run already in the folder is read instead."""
        from harness.runner.finish import load_scored  # noqa: PLC0415 - only when a run is read back

        folder = self._options.out / "clean"
        if (folder / "verdict.json").is_file():
            return load_scored(folder)
        return self._measure("", folder, layers=())

    def prove(self, defect: Defect, clean: ScoredRun) -> Proof:
        """Run the layers that can see a defect with it switched on, then with its clean twin."""
        started = self._clock.monotonic()
        layers = () if self._options.all_layers else layers_that_see(defect, clean)
        area = next(item.area for item in clean.requirements if item.id == defect.breaks[0])
        folder = self._options.out / defect.id
        try:
            defective = self._measure(defect.id, folder, layers=layers)
        except TargetUnreachable:
            return _crashed(defect, clean, area, self._clock.monotonic() - started)
        alarms = None
        if defect.has_twin:
            twin = self._measure(f"{defect.id}:twin", self._options.out / f"{defect.id}.twin", layers=layers)
            alarms = false_alarms(defect, clean, twin)
        return Proof(
            defect=defect,
            attribution=attribute(defect, clean, defective),
            area=area,
            low_before=float(area_low(clean, area)),
            low_after=float(area_low(blend(clean, defective), area)),
            seconds=round(self._clock.monotonic() - started, 1),
            twin_alarms=alarms,
        )

    def _measure(self, switched_on: str, folder: Path, *, layers: Sequence[Layer]) -> ScoredRun:
        scored, _ = measure(
            RunOptions(
                target=self._options.target_file,
                choice=replace(self._options.choice, layers=tuple(layers)),
                folder=folder,
                environment={self._options.switch: switched_on} if switched_on else {},
                formats=("json", "markdown"),
            ),
            self._progress,
            clock=self._clock,
        )
        return scored


def layers_that_see(defect: Defect, clean: ScoredRun) -> tuple[Layer, ...]:
    """Return the engines that judge what a defect breaks; judges need traffic, so they get the scenarios."""
    found: set[Layer] = set()
    for requirement in defect.breaks:
        for name in clean.run.producers.get(requirement, ()):
            layer = Layer(name)
            found.add(layer if layer in ENGINE_LAYERS else Layer.SCENARIOS)
    return tuple(layer for layer in ENGINE_LAYERS if layer in found)


def _crashed(defect: Defect, clean: ScoredRun, area: Area, seconds: float) -> Proof:
    low = float(area_low(clean, area))
    silent = Switch(applied=False, reached=0, triggered=0)
    return Proof(
        defect=defect,
        attribution=Attribution(cell=Cell.CRASHED, layers=(), failed=(), also_failed=(), switch=silent),
        area=area,
        low_before=low,
        low_after=low,
        seconds=round(seconds, 1),
        twin_alarms=None,
    )


def prove_all(
    prover: Prover, defects: Sequence[Defect], state: Path, tell: Callable[[Proof], None], *, jobs: int = 1
) -> tuple[Proof, ...]:
    """Prove each defect, `jobs` of them side by side; what measures load has the machine for itself.

    Each proof is written to the state file as it is made.
    """
    clean = prover.clean()
    loaded = [item for item in defects if Layer.LOAD in layers_that_see(item, clean)]
    others = [item for item in defects if item not in loaded]
    lock = Lock()

    def prove(defect: Defect) -> Proof:
        proof = prover.prove(defect, clean)
        with lock, state.open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(proof), default=str) + "\n")
            tell(proof)
        return proof

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        proofs = list(pool.map(prove, others))
    return (*proofs, *map(prove, loaded))
