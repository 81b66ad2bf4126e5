"""The exit code and why: one truth table over everything a run can end with."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from harness.core.area import Level
from harness.core.figures import one_decimal
from harness.core.finding import Finding
from harness.core.layer import ENGINE_LAYERS
from harness.core.maturity import AreaScore, Maturity, RequirementResult, SubjectResult, Verdict
from harness.core.outcome import Outcome
from harness.core.plan import SkipReason
from harness.core.requirement import Profile, Requirement
from harness.core.run import RunRecord
from harness.core.severity import Severity, severity_of
from harness.scoring.weighing import CANARY_FAILED, COMPLETED, distrust, settle

#: The gate on the overall number, where the others are named by their area.
OVERALL = "overall"
_SHOWN = 3
#: Left out because the user wanted it so: `--fail-on inconclusive` is not about them.
_CHOSEN = {SkipReason.EXEMPT, SkipReason.LAYER_NOT_SELECTED, SkipReason.REQUIREMENT_NOT_SELECTED}
#: A gate on somebody's service covers what its owner consented to; a CORE target is asked for all of it.
_NOT_CONSENTED = {SkipReason.NO_CONSENT_WRITES, SkipReason.NO_CONSENT_FAULTS, SkipReason.NO_CONSENT_LOAD}


class Ending(IntEnum):
    """How a run can end; the value is the exit code."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    HARNESS_FAULT = 3
    TARGET_UNREACHABLE = 4
    NOTHING_MEASURED = 5
    REGRESSION = 6
    INCOMPLETE = 7

    @property
    def word(self) -> str:
        """The word in verdict.json, e.g. `nothing-measured`."""
        return self.name.lower().replace("_", "-")


#: What hides what, strongest first: a red run that is the harness's own fault must not blame the target.
PRECEDENCE = (
    Ending.USAGE,
    Ending.HARNESS_FAULT,
    Ending.TARGET_UNREACHABLE,
    Ending.NOTHING_MEASURED,
    Ending.FAIL,
    Ending.REGRESSION,
    Ending.INCOMPLETE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that speaks against exit code 0."""

    ending: Ending
    code: str
    reason: str


def decide(
    run: RunRecord,
    requirements: Sequence[Requirement],
    findings: Iterable[Finding],
    maturity: Maturity,
) -> Verdict:
    """Return the verdict on a run; `requirements` are those that give points."""
    scored = {item.id for item in requirements}
    cells = [
        (result, subject)
        for area in maturity.areas
        for result in area.requirements
        if result.requirement.id in scored
        for subject in result.subjects
    ]
    settled = settle(run, findings)
    return conclude(
        [
            *_harness_faults(run, settled),
            *_hollowness(run, cells, settled),
            *_failures(run, cells),
            *_gates(run, cells, maturity),
            *_regressions(run, cells),
            *_gaps(run),
        ]
    )


def conclude(signals: Iterable[Signal]) -> Verdict:
    """Return the verdict of the strongest ending, with every reason that led to it."""
    found = list(signals)
    for ending in PRECEDENCE:
        if mine := [signal for signal in found if signal.ending is ending]:
            return Verdict(
                exit_code=ending.value,
                verdict=ending.word,
                reason_code=mine[0].code,
                reason="; ".join(signal.reason for signal in mine),
            )
    return Verdict(
        exit_code=0, verdict=Ending.PASS.word, reason_code="ok", reason="every measured MUST passed"
    )


_Cell = tuple[RequirementResult, SubjectResult]


def _harness_faults(run: RunRecord, settled: Sequence[Finding]) -> Iterator[Signal]:
    for name, record in sorted(run.layers.items()):
        if record.completion == "crashed":
            yield Signal(
                ending=Ending.HARNESS_FAULT,
                code="layer-crashed",
                reason=f"layer {name} crashed: {record.detail or 'see its log'}",
            )
        elif record.completion == COMPLETED and not record.told_apart:
            yield Signal(
                ending=Ending.HARNESS_FAULT,
                code=CANARY_FAILED,
                reason=f"layer {name} could not tell good from bad: {record.canary or 'see its log'}",
            )
    own = [
        item
        for item in settled
        if item.outcome is Outcome.ERROR and not distrust(item.layer, run.layers.get(item.layer.value))
    ]
    if own:
        names = sorted({f"{item.requirement} {item.subject} ({item.reason})" for item in own})
        yield Signal(
            ending=Ending.HARNESS_FAULT,
            code="check-errors",
            reason=f"{len(names)} could not be judged through the harness's own fault: {_some(names)}",
        )


def _hollowness(run: RunRecord, cells: Sequence[_Cell], settled: Sequence[Finding]) -> Iterator[Signal]:
    """A wrong address that answers 404 to everything has well-formed answers, and nothing was measured."""
    asked = (item for item in settled if item.layer in ENGINE_LAYERS)
    if not any(subject.outcome.is_conclusive for _, subject in cells):
        reason = "not one subject was judged pass or fail"
    elif not run.is_partial and not any(item.outcome.is_conclusive for item in asked):
        reason = "no check that asks the target something of its own could be judged pass or fail"
    else:
        return
    yield Signal(ending=Ending.NOTHING_MEASURED, code="nothing-measured", reason=reason)


def _failures(run: RunRecord, cells: Sequence[_Cell]) -> Iterator[Signal]:
    expected = run.gates.expected_failures
    failed = [
        _name(cell) + _no_longer_excused(run, cell)
        for cell in cells
        if cell[0].requirement.must and cell[1].outcome is Outcome.FAIL and _name(cell) not in expected
    ]
    if failed:
        yield _fail("must-failed", f"{_count(failed, 'MUST')} failed: {_some(failed)}")
    passed = [_name(cell) for cell in cells if cell[1].outcome is Outcome.PASS and _name(cell) in expected]
    if passed:
        yield _fail("unexpected-pass", f"expected to fail, but passed: {_some(passed)}")


def _no_longer_excused(run: RunRecord, cell: _Cell) -> str:
    excuse = run.gates.expired.get(_name(cell))
    return f" (no longer excused: {excuse})" if excuse else ""


def _regressions(run: RunRecord, cells: Sequence[_Cell]) -> Iterator[Signal]:
    """What passed in the baseline and fails now, advice as well; what is excused is no surprise."""
    baseline = run.gates.baseline
    if baseline is None:
        return
    passed = {f"{requirement} {subject}" for requirement, subject in baseline.passed}
    fallen = [
        _name(cell)
        for cell in cells
        if cell[1].outcome is Outcome.FAIL
        and _name(cell) in passed
        and _name(cell) not in run.gates.expected_failures
    ]
    if fallen:
        yield Signal(
            ending=Ending.REGRESSION,
            code="regressed",
            reason=f"{_count(fallen, 'regressed')} passed in run {baseline.run}: {_some(fallen)}",
        )


def _gates(run: RunRecord, cells: Sequence[_Cell], maturity: Maturity) -> Iterator[Signal]:
    areas = {area.area.value: area for area in maturity.areas}
    for name, limit in sorted(run.gates.fail_under.items()):
        yield from _fail_under(name, Fraction(str(limit)), areas.get(name), maturity)
    floors = run.gates.ratchet.floors if run.gates.ratchet else {}
    for name, floor in sorted(floors.items()):
        if name in areas and areas[name].low < Fraction(str(floor)):
            low = one_decimal(areas[name].low)
            yield _fail("below-ratchet", f"{name} is {low}, {floor:g} is landed")
    if run.gates.min_level:
        wanted = Level(run.gates.min_level)
        if maturity.level is None or maturity.level.rank < wanted.rank:
            held = maturity.level.value if maturity.level else f"withheld ({maturity.withheld})"
            yield _fail("level-below-gate", f"level is {held}, the gate asks for {wanted.value}")
    yield from _severe_advice(run, cells)
    if run.gates.fail_on_inconclusive:
        left_out = _CHOSEN if run.profile == Profile.CORE else _CHOSEN | _NOT_CONSENTED
        chosen = {(item.requirement, item.subject) for item in run.subjects if item.skip in left_out}
        open_ = [
            _name((result, subject))
            for result, subject in cells
            if result.requirement.must
            and subject.outcome is Outcome.INCONCLUSIVE
            and (result.requirement.id, subject.subject) not in chosen
        ]
        if open_:
            yield _fail("inconclusive", f"{_count(open_, 'MUST')} inconclusive: {_some(open_)}")


def _severe_advice(run: RunRecord, cells: Sequence[_Cell]) -> Iterator[Signal]:
    if not run.gates.fail_on_severity:
        return
    least = Severity(run.gates.fail_on_severity)
    failed = [
        _name(cell) + _no_longer_excused(run, cell)
        for cell in cells
        if not cell[0].requirement.must
        and cell[1].outcome is Outcome.FAIL
        and severity_of(cell[0].requirement).rank <= least.rank
        and _name(cell) not in run.gates.expected_failures
    ]
    if failed:
        yield _fail(
            "advice-failed", f"{_count(failed, 'advice')} of severity {least} failed: {_some(failed)}"
        )


def _fail_under(name: str, limit: Fraction, area: AreaScore | None, maturity: Maturity) -> Iterator[Signal]:
    if name != OVERALL and area is None:
        yield Signal(ending=Ending.USAGE, code="unknown-gate", reason=f"there is no area {name} to gate on")
        return
    low = area.low if area is not None else maturity.low
    if low is None:
        yield _fail("below-gate", f"the overall number is withheld ({maturity.withheld})")
    elif low < limit:
        yield _fail("below-gate", f"{name} is {one_decimal(low)}, the gate asks for {float(limit):g}")


def _gaps(run: RunRecord) -> Iterator[Signal]:
    if not run.is_complete:
        yield Signal(
            ending=Ending.INCOMPLETE,
            code="run-incomplete",
            reason=f"the run did not come to its end: {run.interrupted or 'it was cut short'}",
        )
    for name, record in sorted(run.layers.items()):
        if record.completion in {"timed-out", "interrupted", "nothing-ran"}:
            detail = f": {record.detail}" if record.detail else ""
            yield Signal(
                ending=Ending.INCOMPLETE,
                code=f"layer-{record.completion}",
                reason=f"layer {name} {record.completion}{detail}",
            )


def _fail(code: str, reason: str) -> Signal:
    return Signal(ending=Ending.FAIL, code=code, reason=reason)


def _name(cell: _Cell) -> str:
    return f"{cell[0].requirement.id} {cell[1].subject}"


def _count(names: Sequence[str], noun: str) -> str:
    return f"{len(names)} {noun} {'subject' if len(names) == 1 else 'subjects'}"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
