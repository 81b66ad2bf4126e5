"""report.md: the maturity report as text, for pull requests and terminals."""

from collections.abc import Iterable, Iterator, Mapping

from harness.core.area import Area
from harness.core.figures import one_decimal, percent
from harness.core.maturity import AreaScore, ScoredRun
from harness.core.severity import severity_of
from harness.reporting.causes import Cause, causes, subjects_text
from harness.reporting.openings import gain, openings
from harness.reporting.protocol import Report
from harness.reporting.reading import applies, counts, deciding, score_text, unplanned, utf8
from harness.reporting.trend import KIND_WORDS, LISTED, by_kind, moved, reasons, told_by_kind

_MOST_FAILURES = 100
_MOST_CHANGES = 20
_MOST_SUBJECTS = 20
_MOST_LINE = 400


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return report.md."""
    parts = (
        _head(scored),
        _areas(scored),
        _since(scored),
        _failures(scored),
        _open(scored),
        _unproven(scored),
        _how(scored),
    )
    text = "\n\n".join("\n".join(part) for part in map(tuple, parts) if part)
    return {"report.md": utf8(text + "\n")}


def _head(scored: ScoredRun) -> Iterator[str]:
    run, maturity, verdict = scored.run, scored.maturity, scored.verdict
    yield f"# Integration maturity of {inline(run.target)}"
    yield ""
    yield f"**{verdict.verdict}** (exit {verdict.exit_code}): {inline(verdict.reason)}"
    yield ""
    if maturity.level is None or maturity.low is None or maturity.high is None:
        yield f"No level and no overall number: {inline(maturity.withheld)}."
    else:
        yield (
            f"Level **{maturity.level.value}**, {percent(maturity.measured)} % measured, overall "
            f"{one_decimal(maturity.low)} [{one_decimal(maturity.low)}-{one_decimal(maturity.high)}]."
        )
    yield ""
    counted = counts(scored)
    yield "Planned subjects: " + ", ".join(f"{number} {outcome.value}" for outcome, number in counted.items())


def _areas(scored: ScoredRun) -> Iterator[str]:
    yield "## Areas"
    yield ""
    yield "| Area | Score | Measured | Level | Claimed | Confidence | Held back by |"
    yield "|---|---|--:|---|---|--:|---|"
    is_withheld = bool(scored.maturity.withheld)
    for area in scored.maturity.areas:
        yield row(
            area.area.label,
            score_text(area) if applies(area) else "nothing applies",
            f"{percent(area.measured)} %",
            "-" if is_withheld else area.level.value,
            _claimed(area),
            "unproven" if area.confidence is None else f"{percent(area.confidence)} %",
            ", ".join(f"`{name}`" for name in area.blocked_by[:3])
            + (" ..." if len(area.blocked_by) > 3 else ""),
        )


def _unproven(scored: ScoredRun) -> Iterator[str]:
    named = [name for area in scored.maturity.areas for name in area.unproven]
    yield f"## Unproven checks ({len(named)})"
    yield ""
    yield "No seeded defect has turned these red yet; they lower the confidence of their areas."
    yield ""
    yield ", ".join(f"`{name}`" for name in named) or "None."


def _claimed(area: AreaScore) -> str:
    if area.claimed_score is None:
        return ""
    return f"{area.claimed_score:g} {area.claimed_level}".strip()


def _since(scored: ScoredRun) -> Iterator[str]:
    past = scored.past
    if past is None:
        return
    yield f"## Since run {inline(past.last.run)}"
    yield ""
    yield f"{told_by_kind(past.changes).capitalize()}."
    yield ""
    if found := moved(past):
        yield "| Area | Was | Is | Because of |"
        yield "|---|--:|--:|---|"
        for item in found:
            why = reasons(item, is_same_rubric=past.is_same_rubric)
            yield row(Area(item.area).label, one_decimal(item.before), one_decimal(item.after), why)
        yield ""
    kinds = by_kind(past.changes)
    for kind in LISTED:
        for change in kinds[kind][:_MOST_CHANGES]:
            yield f"- {KIND_WORDS[kind]}: `{change.requirement}` on {inline(change.subject)}"
        if len(kinds[kind]) > _MOST_CHANGES:
            yield f"- {KIND_WORDS[kind]}: {len(kinds[kind]) - _MOST_CHANGES} more"


def _failures(scored: ScoredRun) -> Iterator[str]:
    found = causes(scored)
    number = sum(len(cause.cells) for cause in found)
    of = f", {len(found)} causes" if number > len(found) else ""
    yield f"## Confirmed failures ({number}{of})"
    yield ""
    if not found:
        yield "None."
    for cause in found[:_MOST_FAILURES]:
        yield from _failure(cause)
    if len(found) > _MOST_FAILURES:
        yield f"... and {len(found) - _MOST_FAILURES} more causes in report.html."


def _failure(cause: Cause) -> Iterator[str]:
    requirement, cell = cause.requirement, cause.cells[0]
    kind = "MUST" if requirement.must else "advice"
    severity = severity_of(requirement).value
    yield f"### `{requirement.id}` on {inline(subjects_text(cause))}"
    yield ""
    yield f"{requirement.area.label}, {kind}, {severity}. {requirement.statement}"
    yield ""
    for finding in deciding(cell)[:3]:
        yield f"- expected: {inline(finding.expected)}"
        yield f"- seen ({finding.producer}, {finding.reason}): {inline(finding.seen)}"
        if finding.exchanges:
            yield f"- exchanges: {', '.join(finding.exchanges)}"
        if finding.reproduction:
            yield f"- reproduce: {code(finding.reproduction)}"
    if others := [item.subject.subject for item in cause.cells[1:]]:
        rest = f" and {len(others) - _MOST_SUBJECTS} more" if len(others) > _MOST_SUBJECTS else ""
        yield f"- the same on: {', '.join(map(inline, others[:_MOST_SUBJECTS]))}{rest}"
    yield f"- remedy ({requirement.effort} effort): {requirement.remedy}"
    yield f"- source: {'; '.join(requirement.source)}"
    yield ""


def _open(scored: ScoredRun) -> Iterator[str]:
    found = openings(scored)
    yield f"## Not measured ({sum(item.subjects for item in found)})"
    yield ""
    if not found:
        yield "Nothing was left open."
        return
    yield "| Reason | Subjects | Measuring them adds | How |"
    yield "|---|--:|--:|---|"
    for item in found:
        how = "; ".join([item.advice, *(code(line) for line in item.lines)])
        yield row(f"`{item.reason}`", str(item.subjects), gain(item.share), how)


def _how(scored: ScoredRun) -> Iterator[str]:
    run = scored.run
    yield "## How it was measured"
    yield ""
    yield (
        f"Run `{run.id}` of {run.started} against {inline(run.base_url)}: profile {run.profile}, "
        f"depth {run.depth}, seed {run.seed}, rubric {run.rubric_version} ({run.rubric_hash[:12]})."
    )
    yield ""
    yield "| Layer | Ended | Tells good from bad | Exchanges | Seconds |"
    yield "|---|---|---|--:|--:|"
    for name, record in run.layers.items():
        ended = f"{record.completion} {record.detail}".strip()
        told = "" if record.completion == "skipped" else "yes" if record.told_apart else "no"
        yield row(name, ended, told, str(record.exchanges), f"{record.seconds:.1f}")
    if strays := unplanned(scored):
        yield ""
        yield f"{len(strays)} findings are on subjects that were not planned; they do not count."


def row(*values: str) -> str:
    return "| " + " | ".join(" ".join(value.split()).replace("|", "\\|") for value in values) + " |"


def inline(text: str) -> str:
    """Return text that cannot break out of its line or be taken for markup."""
    flat = " ".join(text.split())
    short = flat if len(flat) <= _MOST_LINE else flat[:_MOST_LINE] + "..."
    return _escaped(short, "\\`*_[]<>#")


def _escaped(text: str, marks: Iterable[str]) -> str:
    for mark in marks:
        text = text.replace(mark, f"\\{mark}")
    return text


def code(text: str) -> str:
    """Return a code span whose fence is longer than any run of backticks inside."""
    flat = " ".join(text.split())
    fence = "`"
    while fence in flat:
        fence += "`"
    padding = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{padding}{flat}{padding}{fence}"


REPORT = Report(id="markdown", title="Report (Markdown)", render=render)
