"""The parts of the report page that stand without script: verdict, areas and how it was measured."""

from collections.abc import Iterator
from html import escape

from harness.core.area import Level
from harness.core.figures import one_decimal, percent
from harness.core.maturity import AreaScore, ScoredRun
from harness.core.outcome import Outcome
from harness.core.run import LayerRecord
from harness.reporting.reading import applies, counts, exempt, not_scored

_MOST_BLOCKERS = 4


def masthead(scored: ScoredRun) -> str:
    """Return who was measured, when and how."""
    run = scored.run
    facts = [
        run.fingerprint,
        run.base_url,
        f"profile {run.profile}",
        f"depth {run.depth}",
        run.started.replace("T", " ")[:16],
    ]
    told = "".join(f"<li>{escape(fact)}</li>" for fact in facts if fact)
    return f'<h1>{escape(run.target)}</h1>\n<ul class="facts">{told}</ul>'


def verdict(scored: ScoredRun) -> str:
    """Return the verdict and how many subjects came to which outcome."""
    found = scored.verdict
    tone = "good" if found.exit_code == 0 else "bad" if found.exit_code in {1, 6} else "unsure"
    counted = counts(scored)
    total = sum(counted.values()) or 1
    x = 0.0
    rects, legend = [], []
    for outcome, number in sorted(counted.items(), key=lambda item: _ORDER.index(item[0])):
        width = 100 * number / total
        if number:
            rects.append(f'<rect class="o-{outcome.value}" x="{x:.3f}%" width="{width:.3f}%" height="100%"/>')
            legend.append(f'<li><i class="dot o-{outcome.value}"></i><b>{number}</b> {_WORDS[outcome]}</li>')
        x += width
    return (
        f'<p class="verdict {tone}"><b>{escape(found.verdict.replace("-", " ").capitalize())}</b>'
        f"<span>exit {found.exit_code}</span></p>\n"
        f'<p class="why brief">{escape(found.reason)}</p>\n'
        f'<svg class="outcomes" role="img" aria-label="Planned subjects by outcome">{"".join(rects)}</svg>\n'
        f'<ul class="legend">{"".join(legend)}</ul>'
    )


_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE)
_WORDS = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.ERROR: "check failed",
    Outcome.INCONCLUSIVE: "not measured",
    Outcome.NOT_APPLICABLE: "not applicable",
}


def areas(scored: ScoredRun) -> str:
    """Return the eight areas, each with its bounds, share, level and claim."""
    is_withheld = bool(scored.maturity.withheld)
    return "\n".join(_area(area, is_withheld=is_withheld) for area in scored.maturity.areas)


def _area(area: AreaScore, *, is_withheld: bool) -> str:
    low, high = one_decimal(area.low), one_decimal(area.high)
    if not applies(area):
        score = '<span class="none">nothing applies</span>'
    else:
        score = f'<b>{low}</b> <span class="span">[{low}–{high}]</span>'
    share = f"{percent(area.measured)} %<small> measured</small>" if applies(area) else "–"
    held = area.level.value
    is_known = applies(area) and not is_withheld
    level = f'<i class="tag l-{held}">{held}</i>' if is_known else "–"
    return (
        f'<details class="area" id="area-{area.area.value}"><summary>'
        f'<span class="name">{escape(area.area.label)}</span>'
        f'<span class="score">{score}</span>'
        f'<span class="bar">{_bar(area, low, high) if applies(area) else ""}</span>'
        f'<span class="share">{share}</span>'
        f'<span class="rank">{level}</span>'
        f'<span class="claimed">{_claim(area)}</span>'
        f"</summary>\n{_area_details(area)}</details>"
    )


def _bar(area: AreaScore, low: str, high: str) -> str:
    start, width = float(area.low) * 10, float(area.high - area.low) * 10
    claim = ""
    if area.claimed_score is not None:
        x = min(max(area.claimed_score, 0.0), 10.0) * 10
        claim = f'<line class="claim" x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="100%"/>'
    claimed = "" if area.claimed_score is None else f", claimed {area.claimed_score:g}"
    return (
        f'<svg role="img" aria-label="between {low} and {high} of 10{claimed}">'
        f'<rect class="track" y="3" width="100%" height="8" rx="4"/>'
        f'<rect class="maybe" x="{start:.2f}%" y="3" width="{width:.2f}%" height="8"/>'
        f'<rect class="sure" y="3" width="{start:.2f}%" height="8" rx="4"/>{claim}</svg>'
    )


def _claim(area: AreaScore) -> str:
    if area.claimed_score is None:
        return "–"
    return f"<small>claimed </small>{escape(f'{area.claimed_score:g} {area.claimed_level}'.strip())}"


def _area_details(area: AreaScore) -> str:
    lines = []
    if area.blocked_by:
        named = "".join(
            f'<li><a href="#r-{escape(name)}"><code>{escape(name)}</code></a></li>'
            for name in area.blocked_by[:_MOST_BLOCKERS]
        )
        rest = len(area.blocked_by) - _MOST_BLOCKERS
        more = f"<li>and {rest} more</li>" if rest > 0 else ""
        lines.append(
            f'<dt>Held back from the next level by</dt><dd><ul class="plain">{named}{more}</ul></dd>'
        )
    elif area.level is Level.INITIAL:
        lines.append("<dt>Level</dt><dd>No MUST applies here, so no level is held.</dd>")
    if area.confidence is None:
        lines.append("<dt>Confidence</dt><dd>Unproven: no seeded defect has tried these checks.</dd>")
    else:
        lines.append(
            f"<dt>Confidence</dt><dd>These checks caught {percent(area.confidence)} % of the defects "
            "that were seeded to try them.</dd>"
        )
    return f"<dl>{''.join(lines)}</dl>"


def measured(scored: ScoredRun) -> str:
    """Return how it was measured: layers with their canaries, capabilities, tools, consent, exceptions."""
    return "\n".join(part for part in (*_tables(scored), _facts(scored)) if part)


def _told_apart(record: LayerRecord) -> str:
    if record.completion == "skipped":
        return ""
    return _mark("told apart" if record.told_apart else "not told apart", good=record.told_apart)


def _tables(scored: ScoredRun) -> Iterator[str]:
    run = scored.run
    if run.layers:
        rows = (
            (
                escape(name),
                _mark(record.completion, good=record.completion in {"completed", "skipped"}),
                _told_apart(record),
                str(record.exchanges),
                f"{record.seconds:.1f} s",
                escape(record.detail or record.canary),
            )
            for name, record in run.layers.items()
        )
        yield _table("Layers", ("Layer", "Ended", "Good from bad", "Exchanges", "Time", "Detail"), rows)
    if run.capabilities:
        found = sorted(run.capabilities.values(), key=lambda item: item.id)
        yield _table(
            "Capabilities",
            ("Capability", "State", "Evidence"),
            (
                (
                    escape(item.id),
                    _mark(item.state.value, good=item.state.value == "present"),
                    escape(item.detail),
                )
                for item in found
            ),
        )
    if excused := exempt(scored):
        yield _table(
            "Exempt",
            ("Requirement", "Subject"),
            ((f"<code>{escape(item.requirement)}</code>", escape(item.subject)) for item in excused),
        )
    if new := not_scored(scored):
        yield _table("Not scored in this rubric version", ("Requirement",), ((escape(name),) for name in new))


def _facts(scored: ScoredRun) -> str:
    run = scored.run
    facts = {
        "Run": run.id,
        "Started": run.started,
        "Finished": run.finished or f"not finished {run.interrupted}".strip(),
        "Verdict": f"exit {scored.verdict.exit_code}: {scored.verdict.reason}",
        "Seed": str(run.seed),
        "Rubric": f"{run.rubric_version} ({run.rubric_hash[:12]})",
        "Consent": ", ".join(f"{name} {_plain(value)}" for name, value in sorted(run.consent.items())),
        "Tools": ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items())),
        "Score it again": f"harness score reports/{run.id}",
    }
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value
    )
    return f'<h3>Run</h3><dl class="run">{rows}</dl>'


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value)) or "none"
    return str(value)


def _mark(text: str, *, good: bool) -> str:
    return f'<i class="tag {"t-good" if good else "t-bad"}">{escape(text)}</i>'


def _table(title: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    head = "".join(f"<th scope=col>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in rows)
    return (
        f'<h3>{title}</h3><div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
