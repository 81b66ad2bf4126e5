"""summary.md: the result as GitHub's step summary, never longer than GitHub takes."""

from collections.abc import Iterator, Mapping

from harness.core.figures import one_decimal, percent
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.requirement import Profile
from harness.core.severity import severity_of
from harness.reporting.causes import Cause, causes, subjects_text
from harness.reporting.markdown import code, inline, row
from harness.reporting.openings import gain, worth_adding
from harness.reporting.protocol import Report
from harness.reporting.reading import applies, counts, deciding, expected_failure, score_text, utf8

#: GitHub drops a step's whole summary above this many bytes.
MOST_BYTES = 1024 * 1024
_REST = "\n... the rest does not fit here; report.md has it all.\n"


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return summary.md; what does not fit is left off at the end, worst failures stay."""
    written, size = [], len(_REST)
    for line in _lines(scored):
        content = utf8(f"{line}\n")
        if size + len(content) > MOST_BYTES:
            written.append(utf8(_REST))
            break
        written.append(content)
        size += len(content)
    return {"summary.md": b"".join(written)}


def _lines(scored: ScoredRun) -> Iterator[str]:
    yield from _head(scored)
    yield ""
    yield from _areas(scored)
    yield ""
    if scored.maturity.withheld or scored.run.profile != Profile.CORE:
        yield from _openings(scored)
        yield ""
    yield from _failures(scored)


def _head(scored: ScoredRun) -> Iterator[str]:
    maturity, verdict = scored.maturity, scored.verdict
    yield f"## Integration maturity of {inline(scored.run.target)}"
    yield ""
    mark = ":white_check_mark:" if verdict.exit_code == 0 else ":x:"
    yield f"{mark} **{verdict.verdict}** (exit {verdict.exit_code}): {inline(verdict.reason)}"
    yield ""
    if maturity.level is None or maturity.low is None or maturity.high is None:
        yield f"No level and no overall number: {inline(maturity.withheld)}."
    else:
        bounds = f"[{one_decimal(maturity.low)}-{one_decimal(maturity.high)}]"
        yield (
            f"Level **{maturity.level.value}**, overall **{one_decimal(maturity.low)}** {bounds}, "
            f"{percent(maturity.measured)} % measured."
        )
    yield ""
    yield ", ".join(f"{number} {outcome.value}" for outcome, number in counts(scored).items()) + "."


def _areas(scored: ScoredRun) -> Iterator[str]:
    yield "| Area | Score | Measured | Level |"
    yield "|---|---|--:|---|"
    for area in scored.maturity.areas:
        score = score_text(area) if applies(area) else "nothing applies"
        level = "-" if scored.maturity.withheld else area.level.value
        yield row(area.area.label, score, f"{percent(area.measured)} %", level)


def _openings(scored: ScoredRun) -> Iterator[str]:
    found = worth_adding(scored)
    if found:
        yield "### What would measure most more"
        yield ""
    for item in found:
        yield f"- {gain(item.share)}: {item.advice} {' '.join(code(line) for line in item.lines)}".rstrip()


def _failures(scored: ScoredRun) -> Iterator[str]:
    found = causes(scored)
    if not found:
        yield "No confirmed failure."
        return
    yield f"### {counts(scored)[Outcome.FAIL]} confirmed failures"
    yield ""
    yield "| Severity | Requirement | Subject | Seen |"
    yield "|---|---|---|---|"
    for cause in found:
        kind = "MUST" if cause.requirement.must else "advice"
        yield row(
            f"{severity_of(cause.requirement).value} {kind}",
            code(cause.requirement.id),
            inline(subjects_text(cause)),
            inline(_said(cause, scored)),
        )


def _said(cause: Cause, scored: ScoredRun) -> str:
    excuses = [expected_failure(cell, scored) for cell in cause.cells]
    if all(excuses):
        return f"expected: {excuses[0]}"
    seen = " ".join(dict.fromkeys(item.seen for item in deciding(cause.cells[0]) if item.seen))
    return seen or cause.reason


REPORT = Report(id="summary", title="Step summary (Markdown)", render=render)
