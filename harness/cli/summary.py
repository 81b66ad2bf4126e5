"""What a person reads at the end of a run: worst first, numbers last, the exit code on the last line."""

from pathlib import Path
from typing import TextIO

from harness.core.figures import one_decimal, percent
from harness.core.maturity import AreaScore, ScoredRun
from harness.core.outcome import Outcome

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
            say(area_line(area))
        say()
    if maturity.level is not None and maturity.low is not None and maturity.high is not None:
        say(
            f"level {maturity.level.value}, "
            f"overall {one_decimal(maturity.low)} [{one_decimal(maturity.low)}-{one_decimal(maturity.high)}]"
        )
    say(f"report: {folder / 'report.html'}")
    verdict = scored.verdict
    say(f"exit {verdict.exit_code}: {verdict.reason}")


def _print_findings(scored: ScoredRun, stream: TextIO, *, verbose: bool) -> None:
    wanted = {Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE} if verbose else {Outcome.FAIL, Outcome.ERROR}
    rows = [
        (subject.outcome, result.requirement.id, subject.subject, subject.reason)
        for area in scored.maturity.areas
        for result in area.requirements
        for subject in result.subjects
        if subject.outcome in wanted
    ]
    rows.sort(key=lambda row: (row[0] is not Outcome.FAIL, row[1], row[2]))
    limit = len(rows) if verbose else _SHOWN
    for outcome, requirement, subject, reason in rows[:limit]:
        print(f"{outcome.value.upper():13}{requirement}  {subject}  ({reason})", file=stream)
    if len(rows) > limit:
        print(f"... and {len(rows) - limit} more in the report", file=stream)
    if rows:
        print(file=stream)


def area_line(area: AreaScore) -> str:
    """Return e.g. `security               8.1 [8.1-8.9], 93 % measured  mature`."""
    claimed = ""
    if area.claimed_score is not None:
        claimed = f"  (claimed {area.claimed_score:g} {area.claimed_level})".rstrip()
    share = percent(area.measured)
    low, high = one_decimal(area.low), one_decimal(area.high)
    return (
        f"{area.area.label:22} {low:>4} [{low}-{high}], {share:3d} % measured  {area.level.value:10}{claimed}"
    )
