"""The part of the report page about earlier runs: trends, why scores moved, what changed since the last."""

from collections.abc import Iterator, Sequence
from html import escape

from harness.core.area import Area
from harness.core.figures import one_decimal
from harness.core.history import Change, ChangeKind, Movement, Past
from harness.core.maturity import ScoredRun
from harness.reporting.trend import (
    KIND_WORDS,
    LISTED,
    Point,
    area_trend,
    by_kind,
    overall_trend,
    reasons,
    signed,
    told_by_kind,
    whole,
)

_WIDTH, _HEIGHT, _EDGE = 220, 44, 4
_MOST_LISTED = 60
_MOST_SHOWN = 6
_CLASS = {ChangeKind.NEW_FAILURE: "fail", ChangeKind.FIXED: "pass", ChangeKind.UNMEASURED: "inconclusive"}


def over_time(scored: ScoredRun) -> str:
    """Return the section, or nothing for the first run of a target."""
    past = scored.past
    if past is None:
        return ""
    runs = len(past.entries) + 1
    last = past.last
    version = f" of {escape(last.version)}" if last.version else ""
    return (
        '<section id="past" aria-labelledby="past-title">\n'
        f'<div class="titled"><h2 id="past-title">Over {runs} runs</h2>'
        '<p class="key"><span><i class="swatch line"></i>at least</span>'
        '<span><i class="swatch band"></i>up to what could still be</span></p></div>\n'
        f'<ul class="trends">{"".join(_cards(scored, past))}</ul>\n'
        f"<h3>Since {escape(last.run)}{version}</h3>\n"
        f'<p class="lead-in">{escape(told_by_kind(past.changes).capitalize())}.</p>\n'
        f'<div class="changes">{"".join(_lists(past))}</div>\n</section>'
    )


def _cards(scored: ScoredRun, past: Past) -> Iterator[str]:
    overall = whole(past)
    if scored.maturity.low is not None and past.last.low is not None:
        yield _card("Overall", overall_trend(scored), overall, past)
    for movement in past.movements:
        area = Area(movement.area)
        yield _card(area.label, area_trend(scored, area), movement, past)


def _card(label: str, points: Sequence[Point], movement: Movement, past: Past) -> str:
    difference = movement.after - movement.before
    told = signed(difference)
    direction = {"+": "up", "-": "down"}.get(told[0], "still")
    why = reasons(movement, is_same_rubric=past.is_same_rubric)
    because = f"<small>{escape(why)}</small>" if why != "nothing" else "<small>unchanged</small>"
    return (
        f'<li class="trend"><p class="trend-name">{escape(label)}</p>'
        f'<p class="trend-now"><b>{one_decimal(movement.after)}</b> '
        f'<span class="delta {direction}">{told}</span></p>'
        f"{sparkline(points, label)}{because}</li>"
    )


def sparkline(points: Sequence[Point], label: str) -> str:
    """Return the bounds over the runs as one small drawing; a run without numbers is a gap."""
    step = (_WIDTH - 2 * _EDGE) / max(1, len(points) - 1)
    known = [
        (_EDGE + step * at, _y(float(point.low)), _y(float(point.high)))
        for at, point in enumerate(points)
        if point.low is not None and point.high is not None
    ]
    told = ", ".join("none" if point.low is None else one_decimal(point.low) for point in points)
    upper = [f"{x:.1f},{high:.1f}" for x, _, high in known]
    lower = [f"{x:.1f},{low:.1f}" for x, low, _ in known]
    band, line = " ".join([*upper, *lower[::-1]]), " ".join(lower)
    dots = "".join(f'<circle class="point" cx="{x:.1f}" cy="{low:.1f}" r="1.6"/>' for x, low, _ in known[:-1])
    last = f'<circle class="now" cx="{known[-1][0]:.1f}" cy="{known[-1][1]:.1f}" r="3"/>' if known else ""
    return (
        f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label)} from the oldest run to this one: {told}">'
        f'<polygon class="band" points="{band}"/><polyline class="low" points="{line}"/>{dots}{last}</svg>'
    )


def _y(value: float) -> float:
    return _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * value / 10


def _lists(past: Past) -> Iterator[str]:
    kinds = by_kind(past.changes)
    for kind in LISTED:
        if changes := kinds[kind]:
            yield _list(kind, changes)


def _list(kind: ChangeKind, changes: Sequence[Change]) -> str:
    rows = [_row(change) for change in changes[:_MOST_LISTED]]
    shown = "".join(rows[:_MOST_SHOWN])
    rest = "".join(rows[_MOST_SHOWN:])
    left = len(changes) - _MOST_SHOWN
    cut = len(changes) - _MOST_LISTED
    more = f'<p class="muted">and {cut} more: harness diff</p>' if cut > 0 else ""
    hidden = f"<details><summary>{left} more</summary><ul>{rest}</ul>{more}</details>" if left > 0 else ""
    title = f"{KIND_WORDS[kind].capitalize()} <span>{len(changes)}</span>"
    return f'<div class="change {_CLASS[kind]}"><h4>{title}</h4><ul>{shown}</ul>{hidden}</div>'


def _row(change: Change) -> str:
    name = escape(change.requirement)
    then = f" <small>was {change.before.value}</small>" if change.before else ""
    return f'<li><b>{escape(change.subject)}</b> <a href="#r-{name}"><code>{name}</code></a>{then}</li>'
