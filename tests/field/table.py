"""Makes the table of the trial from run folders alone: nothing is asked, everything is scored again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.runner.finish import load_scored
from tests.field.catalogue import SERVICES
from tests.field.draw import DRAWS, Draw
from tests.field.judged import Bench, Word, load_bench, load_breaks
from tests.field.running import is_finished, timing

Fail = tuple[str, str]
TWINS = ("sound", *(each.run for each in DRAWS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run: what was judged, what failed, and what the hand check says of the fails.

    `one_by_one` are the fails that were judged by themselves, the rest were by a row or not at all.
    """

    service: str
    run: str
    requirements: int
    subjects: int
    inconclusive: int
    fails: int
    words: Mapping[Word, int]
    one_by_one: int
    seconds: float
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One known defect: found by itself, found among its dozen, and by which requirements."""

    draw: str
    service: str
    defect: str
    alone: tuple[str, ...]
    together: tuple[str, ...]
    was_run_alone: bool
    also: tuple[str, ...]


def fails_of(scored: ScoredRun) -> frozenset[Fail]:
    """Return the failing subjects of a run."""
    return frozenset(
        (result.requirement.id, subject.subject)
        for area in scored.maturity.areas
        for result in area.requirements
        for subject in result.subjects
        if subject.outcome is Outcome.FAIL
    )


def row_of(service: str, name: str, folder: Path, bench: Bench) -> Row:
    """Return the row of one run folder."""
    scored = load_scored(folder)
    outcomes = [
        (result.requirement.id, subject.subject, subject.outcome)
        for area in scored.maturity.areas
        for result in area.requirements
        for subject in result.subjects
    ]
    conclusive = {item[0] for item in outcomes if item[2] in {Outcome.PASS, Outcome.FAIL}}
    judged = [bench.on(service, name, item[0], item[1]) for item in outcomes if item[2] is Outcome.FAIL]
    words = [item.word for item in judged]
    seconds, exit_code = timing(folder)
    return Row(
        service=service,
        run=name,
        requirements=len(conclusive),
        subjects=sum(item[2] in {Outcome.PASS, Outcome.FAIL} for item in outcomes),
        inconclusive=sum(item[2] is Outcome.INCONCLUSIVE for item in outcomes),
        fails=len(words),
        words={word: words.count(word) for word in Word},
        one_by_one=sum(item.is_alone for item in judged),
        seconds=seconds,
        exit_code=exit_code,
    )


def detections(
    draw: Draw, service: str, folder: Path, breaks: Mapping[str, Sequence[str]]
) -> tuple[Detection, ...]:
    """Return what was found of a drawing's defects of a service."""
    sound = fails_of(load_scored(folder / "sound"))
    together = fails_of(load_scored(folder / draw.run)) - sound
    found = []
    for defect in draw.drawn()[service]:
        alone = folder / "one" / defect
        new = fails_of(load_scored(alone)) - sound if is_finished(alone) else frozenset()
        right = frozenset(breaks.get(defect, ()))
        found.append(
            Detection(
                draw=draw.run,
                service=service,
                defect=defect,
                alone=_requirements(new, right),
                together=_requirements(together, right),
                was_run_alone=is_finished(alone),
                also=tuple(sorted({requirement for requirement, _ in new} - right)),
            )
        )
    return tuple(found)


def _requirements(fails: frozenset[Fail], right: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({requirement for requirement, _ in fails} & right))


def rows(runs: Path) -> tuple[Row, ...]:
    """Return a row for each sound and each wholly defective twin, and for each service of others."""
    bench = load_bench()
    found = [
        row_of(service, name, runs / service / name, bench)
        for service in SERVICES
        for name in TWINS
        if is_finished(runs / service / name)
    ]
    strangers = sorted((runs / "strangers").iterdir()) if (runs / "strangers").is_dir() else []
    return (
        *found,
        *(row_of(item.name, "as released", item, bench) for item in strangers if is_finished(item)),
    )


def all_detections(runs: Path) -> tuple[Detection, ...]:
    """Return what was found of all known defects, drawing by drawing."""
    breaks = load_breaks()
    return tuple(
        item
        for draw in DRAWS
        for service in SERVICES
        if is_finished(runs / service / draw.run) and is_finished(runs / service / "sound")
        for item in detections(draw, service, runs / service, breaks)
    )
