"""Runs the harness against each seeded defect, black-box, and compares with the clean target."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import chain
from pathlib import Path
from threading import Event, Lock
from typing import Self

from harness.core.area import Area
from harness.core.clock import Clock, SystemClock
from harness.core.errors import TargetUnreachable
from harness.core.finding import Finding
from harness.core.layer import ENGINE_LAYERS, Depth, Layer
from harness.core.maturity import ScoredRun
from harness.plan.planner import Choice
from harness.proving.attribution import Attribution, Cell, Switch, attribute, false_alarms, new_failures
from harness.proving.blend import area_low, blend
from harness.proving.defects import Defect
from harness.proving.proof import Proof
from harness.proving.session import Session
from harness.proving.timing import detected_after
from harness.proving.tour import tour
from harness.runner.canaries import Canaries
from harness.runner.measure import BY_USER, measure
from harness.runner.options import Earlier, Progress, RunOptions
from harness.runner.producers import engines, producers

_DEPTHS = tuple(Depth)
ENGINES = frozenset(ENGINE_LAYERS)


class Scope(StrEnum):
    """How much of the harness sees a defect: the checks of what it breaks, their layers, everything."""

    CHECKS = "checks"
    LAYERS = "layers"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveOptions:
    """How to prove: `switch` is the environment variable that turns defects on."""

    target_file: str
    profile: str
    switch: str
    seed: int
    scope: Scope
    depth: Depth = Depth.QUICK


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under what a run is made; a defective run is only compared with a clean one under the same."""

    layers: tuple[Layer, ...]
    depth: Depth
    select: tuple[str, ...] = ()
    seed: int = 0

    @property
    def name(self) -> str:
        """A folder's name; what was selected has a folder beside the one of whole layers."""
        return "-".join(["clean", *self.layers, self.depth, *(["selected"] if self.select else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """The first clean run: what it scored, and what others recall of it."""

    scored: ScoredRun
    earlier: Earlier


class Prover:
    """Proves defects against clean runs, each on fresh instances; may be asked from several threads."""

    def __init__(
        self,
        options: ProveOptions,
        defects: Sequence[Defect],
        session: Session,
        progress: Progress,
        clock: Clock | None = None,
    ) -> None:
        self._options = options
        self._defects = defects
        self._session = session
        self._progress = progress
        self._clock = clock or SystemClock()
        self._canaries = Canaries(list(engines().values()))
        self._producers = producers(options.profile)
        self._baselines: dict[Conditions, ScoredRun] = {}
        self._lock = Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._canaries)
        self._canaries.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @cached_property
    def clean(self) -> Clean:
        """The clean run whose probes all others recall; the whole harness, but for the scope of checks."""
        if self._options.scope is Scope.CHECKS:
            layers = {layer for defect in self._defects for layer in self.layers_that_see(defect)}
            conditions = Conditions(
                layers=tuple(layer for layer in ENGINE_LAYERS if layer in layers),
                depth=max((self._depth(item) for item in self._defects), key=_DEPTHS.index),
                select=tuple(sorted(set(chain.from_iterable(item.breaks for item in self._defects)))),
            )
        else:
            conditions = Conditions(layers=(), depth=Depth.STANDARD)
        folder = self._session.folder / conditions.name
        scored = self._measure(conditions, folder, switched_on="", like=None)
        return Clean(scored=scored, earlier=Earlier(run=scored.run, folder=folder))

    def layers_that_see(self, defect: Defect) -> tuple[Layer, ...]:
        """Return the engines that judge what a defect breaks; judges get the scenarios for traffic."""
        found: set[Layer] = set()
        for requirement in defect.breaks:
            for layer in self._producers.get(requirement, ()):
                found.add(layer if layer in ENGINE_LAYERS else Layer.SCENARIOS)
        return tuple(layer for layer in ENGINE_LAYERS if layer in found)

    def _is_asked_for(self, defect: Defect) -> bool:
        """Whether an engine has a check of its own for each requirement that the defect breaks."""
        return all(ENGINES & set(self._producers.get(requirement, ())) for requirement in defect.breaks)

    def prove(self, defect: Defect) -> Proof:
        """Run what can see a defect with it switched on, then with its clean twin."""
        started = self._clock.monotonic()
        shown = self._shown(defect)
        if shown is None:
            return self._proof(defect, _crashed(), started)
        conditions, baseline, defective, attribution = shown
        alarms = None
        if defect.has_twin:
            twin = self._once(conditions, defect, switched_on=f"{defect.id}:twin", name=f"{defect.id}.twin")
            alarms = false_alarms(baseline, twin)
        if attribution.cell is Cell.CAUGHT and not alarms:  # nobody will look for the reason of a miss
            for name in (defect.id, f"{defect.id}.twin"):
                shutil.rmtree(self._session.folder / name, ignore_errors=True)
        new = chain.from_iterable(new_failures(baseline, defective).values())
        return self._proof(
            defect,
            attribution,
            started,
            lows=self._lows(defect, new),
            detected=detected_after(defect, baseline, defective),
            alarms=alarms,
        )

    def _shown(self, defect: Defect) -> tuple[Conditions, ScoredRun, ScoredRun, Attribution] | None:
        """Return conditions, the clean run, the run that shows the defect, or the last, and what it says.

        None when the target did not come up.
        """
        for conditions, baseline in self._attempts(defect):
            try:
                defective = self._once(conditions, defect, switched_on=defect.id, name=defect.id)
            except TargetUnreachable:
                return None
            attribution = attribute(defect, baseline, defective)
            if attribution.cell is Cell.CAUGHT:
                break
        return conditions, baseline, defective, attribution

    def _attempts(self, defect: Defect) -> Iterator[tuple[Conditions, ScoredRun]]:
        """Yield under what a defect is shown, the cheapest first, each with the clean run to compare with.

        A run of checks goes on to the traffic of scenarios where judges could see what no engine asked for.
        """
        layers, depth = self.layers_that_see(defect), self._depth(defect)
        match self._options.scope:
            case Scope.ALL:
                layers = ()
            case Scope.CHECKS if self._is_asked_for(defect):
                yield Conditions(layers=layers, depth=depth, select=defect.breaks), self.clean.scored
                if not any(Layer.JUDGES in self._producers.get(name, ()) for name in defect.breaks):
                    return
                layers = (Layer.SCENARIOS,)
            case _:
                pass
        whole = Conditions(layers=layers, depth=depth)
        baseline = self._baseline(whole)
        is_tourable = self._options.scope is Scope.CHECKS and layers == (Layer.SCENARIOS,)
        if is_tourable and (stops := tour(baseline)):
            yield replace(whole, select=tuple(sorted({*stops, *defect.breaks}))), baseline
        yield whole, baseline

    def _area(self, defect: Defect) -> Area:
        return next(item.area for item in self.clean.scored.requirements if item.id == defect.breaks[0])

    def _lows(self, defect: Defect, failed: Iterable[Finding]) -> tuple[float, float] | None:
        """Return L of the defect's area before and after; a run of some checks only has none."""
        if self._options.scope is Scope.CHECKS:
            return None
        before, area = self.clean.scored, self._area(defect)
        return float(area_low(before, area)), float(area_low(blend(before, failed), area))

    def _proof(  # noqa: PLR0917 - one private step of `prove`
        self,
        defect: Defect,
        attribution: Attribution,
        started: float,
        lows: tuple[float, float] | None = None,
        detected: float | None = None,
        alarms: tuple[str, ...] | None = None,
    ) -> Proof:
        return Proof(
            defect=defect.id,
            family=defect.family,
            title=defect.title,
            breaks=defect.breaks,
            attribution=attribution,
            area=self._area(defect),
            low_before=lows[0] if lows else None,
            low_after=lows[1] if lows else None,
            seconds=round(self._clock.monotonic() - started, 1),
            detected_after=detected,
            twin_alarms=alarms,
        )

    def _depth(self, defect: Defect) -> Depth:
        return max(self._options.depth, defect.depth, key=_DEPTHS.index)

    def _baseline(self, conditions: Conditions) -> ScoredRun:
        """Return the clean run under the same conditions; the first to ask makes it."""
        clean = self.clean
        with self._lock:
            if conditions not in self._baselines:
                folder = self._session.run_folder(conditions.name)
                self._baselines[conditions] = self._measure(
                    conditions, folder, switched_on="", like=clean.earlier
                )
            return self._baselines[conditions]

    def _once(self, conditions: Conditions, defect: Defect, *, switched_on: str, name: str) -> ScoredRun:
        # What no engine asks for is read from the document and the probes: the clean run's are not its own.
        is_for_judges = self._options.scope is Scope.CHECKS and conditions.select != defect.breaks
        is_asked = self._is_asked_for(defect) and not is_for_judges
        like = self.clean.earlier if is_asked else None
        return self.run(conditions, name, switched_on=switched_on, like=like)

    def run(
        self, conditions: Conditions, name: str, *, switched_on: str = "", like: Earlier | None = None
    ) -> ScoredRun:
        """Run the harness once in a folder of that name; `switched_on` names defects, separated by commas."""
        return self._measure(conditions, self._session.run_folder(name), switched_on=switched_on, like=like)

    def _measure(
        self, conditions: Conditions, folder: Path, *, switched_on: str, like: Earlier | None
    ) -> ScoredRun:
        shutil.rmtree(folder, ignore_errors=True)
        scored, _ = measure(
            RunOptions(
                target=self._options.target_file,
                choice=Choice(
                    depth=conditions.depth,
                    seed=conditions.seed or self._options.seed,
                    layers=conditions.layers,
                    select=conditions.select,
                ),
                folder=folder,
                environment={self._options.switch: switched_on} if switched_on else {},
                formats=("json",),
                like=like,
                canaries=self._canaries,
            ),
            self._progress,
            clock=self._clock,
        )
        if scored.run.interrupted == BY_USER:  # that was meant for all of it, not for one run
            raise KeyboardInterrupt
        return scored


def _crashed() -> Attribution:
    silent = Switch(applied=False, reached=0, triggered=0)
    return Attribution(cell=Cell.CRASHED, layers=(), failed=(), also_failed=(), switch=silent)


def prove_all(
    prover: Prover,
    defects: Sequence[Defect],
    session: Session,
    tell: Callable[[Proof], None],
    *,
    jobs: int = 1,
) -> tuple[Proof, ...]:
    """Prove what is not proven yet, `jobs` defects side by side; what measures load runs by itself."""
    proven = dict(session.proven())
    left = [item for item in defects if item.id not in proven]
    loaded = [item for item in left if Layer.LOAD in prover.layers_that_see(item)]

    interrupted = Event()

    def prove(defect: Defect) -> Proof:
        if interrupted.is_set():
            raise KeyboardInterrupt
        try:
            proof = prover.prove(defect)
        except KeyboardInterrupt:
            interrupted.set()  # before a thread of the pool takes the next one
            raise
        session.keep(proof)
        return proof

    if left:
        _ = prover.clean  # before threads ask for it
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for done in as_completed([pool.submit(prove, item) for item in left if item not in loaded]):
                proven[done.result().defect] = done.result()
                tell(done.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for item in loaded:
        proven[item.id] = prove(item)
        tell(proven[item.id])
    return tuple(proven[item.id] for item in defects)


def prove_again(
    prover: Prover,
    defects: Sequence[Defect],
    proofs: Sequence[Proof],
    session: Session,
    tell: Callable[[Proof], None],
) -> tuple[Proof, ...]:
    """Return the proofs with some made once more, one after the other; the later one counts."""
    renewed = {proof.defect: proof for proof in proofs}
    for defect in defects:
        renewed[defect.id] = prover.prove(defect)
        session.keep(renewed[defect.id])
        tell(renewed[defect.id])
    return tuple(renewed.values())
