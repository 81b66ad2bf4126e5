"""The first screen of the report page: the level, or the confirmed failures and what would measure more."""

from collections.abc import Sequence
from html import escape

from harness.core.area import Level
from harness.core.figures import one_decimal, percent
from harness.core.finding import fingerprint
from harness.core.maturity import ScoredRun
from harness.core.requirement import Profile
from harness.core.severity import severity_of
from harness.reporting.causes import Cause, causes, subjects_text
from harness.reporting.html_parts import verdict
from harness.reporting.openings import gain, worth_adding
from harness.reporting.reading import worst_area

_LADDER = tuple(Level)
_MOST_LED_WITH = 5
#: How many causes are named of each.
_MOST_CAUSES = 3
_MOST_AWAITED = 2


def hero(scored: ScoredRun) -> str:
    """Return the first screen.

    A target that claims the CORE contracts leads with its level. Any other target, and a run that states
    no level, leads with the confirmed failures: they stand whatever else was not measured.
    """
    if scored.run.profile == Profile.CORE and not scored.maturity.withheld:
        first = f'<div class="standing">\n{_level(scored)}\n</div>'
    else:
        first = f'<div class="found">\n{_found(scored)}\n</div>'
    return (
        f'{first}\n<div class="beside"><div class="outcome">\n{verdict(scored)}\n</div>\n{ways(scored)}</div>'
    )


def _level(scored: ScoredRun) -> str:
    held = scored.maturity.level
    assert held is not None
    steps = "".join(
        f'<li class="{_step_class(level, held)}"><span>{level.value}</span></li>' for level in _LADDER
    )
    return (
        '<p class="eyebrow">Integration maturity</p>\n'
        f'<p class="level">{held.value.capitalize()}</p>\n'
        f'<ol class="ladder" aria-label="Level {held.value}">{steps}</ol>\n'
        f"{_weakest(scored)}\n{_awaited(scored, held)}\n{_overall(scored)}"
    )


def _overall(scored: ScoredRun) -> str:
    maturity = scored.maturity
    if maturity.low is None or maturity.high is None:
        return ""
    low, high = one_decimal(maturity.low), one_decimal(maturity.high)
    return (
        f'<p class="overall">Overall <b>{low}</b> <span class="span">[{low}–{high}]</span>, '
        f"{percent(maturity.measured)} % measured</p>"
    )


def _step_class(level: Level, held: Level) -> str:
    if level is held:
        return "held now"
    return "held" if level.rank < held.rank else "ahead"


def _found(scored: ScoredRun) -> str:
    """Return the worst of what failed, each requirement once, and what is said of the level."""
    found = causes(scored)
    number = sum(len(cause.cells) for cause in found)
    broken: dict[str, list[Cause]] = {}
    for cause in found:
        broken.setdefault(cause.requirement.id, []).append(cause)
    shown = list(broken.values())[:_MOST_LED_WITH]
    title = "No failure found" if not number else f"{number} confirmed failure{'s' if number > 1 else ''}"
    rows = "".join(_broken(each, scored) for each in shown)
    rest = len(found) - sum(map(len, shown))
    more = f'<p class="overall"><a href="#failures">and {rest} more causes</a></p>' if rest > 0 else ""
    return (
        f'<p class="level found-title">{title}</p>\n<ol class="worst">{rows}</ol>{more}\n'
        f"{_no_level(scored)}{_overall_small(scored)}"
    )


def _broken(found: Sequence[Cause], scored: ScoredRun) -> str:
    """Return a requirement that does not hold, and where: cause by cause, the first few."""
    requirement, first = found[0].requirement, found[0].cells[0].subject.subject
    name = fingerprint(requirement.id, first, scored.run.target)[:12]
    where = "; ".join(subjects_text(cause) for cause in found[:_MOST_CAUSES])
    rest = len(found) - _MOST_CAUSES
    more = f"; and {rest} more causes" if rest > 0 else ""
    severity = severity_of(requirement).value
    return (
        f'<li><i class="tag s-{severity}">{severity}</i><span><a href="#f-{name}">'
        f"{escape(requirement.statement)}</a><small>{escape(where)}{more}</small></span></li>"
    )


def _no_level(scored: ScoredRun) -> str:
    withheld = scored.maturity.withheld
    return f'<p class="overall">No level stated: {escape(withheld)}.</p>' if withheld else ""


def _overall_small(scored: ScoredRun) -> str:
    level = scored.maturity.level
    if level is None:
        return ""
    return f'<p class="overall">Level {level.value}.</p>{_overall(scored)}'


def ways(scored: ScoredRun) -> str:
    """Return what would measure most more, where not a whole CORE target was measured."""
    if scored.run.profile == Profile.CORE and not scored.maturity.withheld:
        return ""
    told = "".join(
        f'<div class="opening"><p class="gain">{gain(item.share)} <small>measured</small></p>'
        f"<p>{escape(item.advice)}</p>{_lines(item.lines)}</div>"
        for item in worth_adding(scored)
    )
    return (
        f'<div class="ways"><h2>What would measure most more</h2><div class="openings">{told}</div></div>'
        if told
        else ""
    )


def _lines(lines: Sequence[str]) -> str:
    return f'<pre class="lines">{escape(chr(10).join(lines))}</pre>'


def _awaited(scored: ScoredRun, held: Level) -> str:
    """Return which areas keep the whole from its next level."""
    if held is Level.ADVANCED:
        return ""
    found = [area for area in scored.maturity.areas if area.level is held]
    links = ", ".join(
        f'<a href="#area-{area.area.value}">{escape(area.area.label)}</a>' for area in found[:_MOST_AWAITED]
    )
    rest = f" and {len(found) - _MOST_AWAITED} more" if len(found) > _MOST_AWAITED else ""
    following = _LADDER[held.rank + 1].value.capitalize()
    return f'<p class="overall">{following} waits for {links}{rest}</p>'


def _weakest(scored: ScoredRun) -> str:
    area = worst_area(scored)
    if area is None:
        return ""
    low, high = one_decimal(area.low), one_decimal(area.high)
    return (
        f'<p class="weakest">Weakest: <a href="#area-{area.area.value}">{escape(area.area.label)}</a> '
        f'<b>{low}</b> <span class="span">[{low}–{high}]</span></p>'
    )
