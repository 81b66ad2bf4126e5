"""badge.svg: level and overall number, or that there is none; it needs no font and no address of others."""

from collections.abc import Mapping
from html import escape

from harness.core.area import Level
from harness.core.figures import one_decimal, percent
from harness.core.maturity import ScoredRun
from harness.reporting.protocol import Report
from harness.reporting.reading import utf8

_LABEL = "integration maturity"
_GREY = "#6b7078"
_DARK = "#3b3f46"
_RED = "#b23528"
_COLORS = {
    Level.INITIAL: "#a8541f",
    Level.DEVELOPING: "#8a6d06",
    Level.MATURE: "#2f7a4f",
    Level.ADVANCED: "#1f6a99",
}
#: Widths of Verdana 11 px by character; the text is stretched to them, so another font fits, too.
_NARROW, _WIDE, _USUAL = 4.2, 10.2, 7.0


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return badge.svg."""
    message, color = standing(scored)
    return {"badge.svg": utf8(_drawn(_LABEL, message, color))}


def standing(scored: ScoredRun) -> tuple[str, str]:
    """Return what the badge says and its colour; a run that states no level gets no number either."""
    maturity, run = scored.maturity, scored.run
    if not run.is_complete:
        return "incomplete", _GREY
    if run.is_partial:
        return "partial run", _GREY
    if maturity.level is None or maturity.low is None:
        return f"not measured ({percent(maturity.measured)} %)", _GREY
    text = f"{maturity.level.value} {one_decimal(maturity.low)}"
    return text, _RED if scored.verdict.exit_code else _COLORS[maturity.level]


def _drawn(label: str, message: str, color: str) -> str:
    left, right = _width(label) + 12, _width(message) + 12
    title = escape(f"{label}: {message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left + right}" height="20" rx="3" fill="{color}"/>'
        f'<rect width="{left}" height="20" rx="3" fill="{_DARK}"/>'
        f'<rect x="{left - 4}" width="4" height="20" fill="{_DARK}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" '
        f'font-size="11">{_text(label, left / 2)}{_text(message, left + right / 2)}</g></svg>\n'
    )


def _text(text: str, middle: float) -> str:
    return (
        f'<text x="{middle:g}" y="14" textLength="{_width(text)}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text>"
    )


def _width(text: str) -> int:
    return round(
        sum(_NARROW if char in " .,:;()[]ijlt1" else _WIDE if char in "mMwW%" else _USUAL for char in text)
    )


REPORT = Report(id="badge", title="Badge (SVG)", render=render)
