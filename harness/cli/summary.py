"""What a person reads at the end of a run: worst first, numbers last, the exit code on the last line."""

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from harness.core.figures import one_decimal, percent
from harness.core.maturity import AreaScore, ScoredRun
from harness.core.outcome import Outcome
from harness.core.requirement import Profile
from harness.core.severity import severity_of
from harness.reporting.causes import causes, subjects_text
from harness.reporting.openings import gain, worth_adding
from harness.reporting.reading import Cell, applies, cells

_SHOWN = 10


def print_summary(scored: ScoredRun, folder: Path, *, stream: TextIO, verbose: bool = False) -> None:
    """Print findings, areas, the report's path and the verdict."""

    def say(text: str = "") -> None:
        print(text, file=stream)

    say()
    _print_findings(scored, stream, verbose=verbose)
    if not scored.run.is_complete:
        say(f"INCOMPLETE: {scored.run.interrupted or 'the run was cut short'}")
        say()
    maturity = scored.maturity
    if maturity.withheld:
        say(f"no level and no overall number: {maturity.withheld}")
        say()
    if not scored.run.is_partial:
        for area in maturity.areas:
            say(area_line(area, is_withheld=bool(maturity.withheld)))
        say()
    if maturity.level is not None and maturity.low is not None and maturity.high is not None:
        say(
            f"level {maturity.level.value}, "
            f"overall {one_decimal(maturity.low)} [{one_decimal(maturity.low)}-{one_decimal(maturity.high)}]"
        )
    for line in _ways(scored):
        say(line)
    say(f"report: {folder / 'report.html'}")
    verdict = scored.verdict
    say(f"exit {verdict.exit_code}: {verdict.reason}")


def _print_findings(scored: ScoredRun, stream: TextIO, *, verbose: bool) -> None:
    rows = list(_every_row(scored) if verbose else _worst_rows(scored))
    limit = len(rows) if verbose else _SHOWN
    for row in rows[:limit]:
        print(row, file=stream)
    if len(rows) > limit:
        print(f"... and {len(rows) - limit} more in the report", file=stream)
    if rows:
        print(file=stream)


def _worst_rows(scored: ScoredRun) -> Iterator[str]:
    """Yield a line per cause of failures, worst first, then what the harness could not judge itself."""
    for cause in causes(scored):
        severity = severity_of(cause.requirement).value
        yield f"FAIL  {severity:8}  {cause.requirement.id}  {subjects_text(cause)}  ({cause.reason})"
    for cell in cells(scored):
        if cell.subject.outcome is Outcome.ERROR:
            yield _row(cell)


def _every_row(scored: ScoredRun) -> Iterator[str]:
    wanted = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE)
    found = [cell for cell in cells(scored) if cell.subject.outcome in wanted]
    found.sort(key=lambda cell: (cell.subject.outcome is not Outcome.FAIL, cell.requirement.id))
    yield from map(_row, found)


def _row(cell: Cell) -> str:
    subject = cell.subject
    return f"{subject.outcome.value.upper():14}{cell.requirement.id}  {subject.subject}  ({subject.reason})"


def _ways(scored: ScoredRun) -> Iterator[str]:
    """Yield what would measure most more, for a target of which the owner may still say more."""
    if scored.run.profile == Profile.CORE and not scored.maturity.withheld:
        return
    for item in worth_adding(scored):
        yield f"{gain(item.share)} measured: {item.advice}"
        yield from (f"    {line}" for line in item.lines)


def area_line(area: AreaScore, *, is_withheld: bool = False) -> str:
    """Return e.g. `security               8.1 [8.1-8.9], 93 % measured  mature`."""
    if not applies(area):
        return f"{area.area.label:22} nothing applies"
    claimed = ""
    if area.claimed_score is not None:
        claimed = f"  (claimed {area.claimed_score:g} {area.claimed_level})".rstrip()
    share = percent(area.measured)
    low, high = one_decimal(area.low), one_decimal(area.high)
    level = "" if is_withheld else area.level.value
    line = f"{area.area.label:22} {low:>4} [{low}-{high}], {share:3d} % measured  {level:10}{claimed}"
    return line.rstrip()
