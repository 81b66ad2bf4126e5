"""report.html: one self-contained page; it asks for nothing outside itself and runs no script but its own."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

from harness.core.maturity import ScoredRun
from harness.reporting.html_data import embedded, page_data
from harness.reporting.html_hero import hero
from harness.reporting.html_parts import areas, masthead, measured
from harness.reporting.html_past import over_time
from harness.reporting.html_proof import proof
from harness.reporting.protocol import Report
from harness.reporting.reading import utf8

_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return report.html."""
    style, script = _asset("report.css"), _asset("report.js")
    places = {
        "title": escape(f"{scored.run.target}: integration maturity"),
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "style": style,
        "script": script,
        "masthead": masthead(scored),
        "hero": hero(scored),
        "areas": areas(scored),
        "past": over_time(scored),
        "past_link": '<a href="#past">Over time</a>' if scored.past else "",
        "measured": measured(scored),
        "proof": proof(scored),
        "data": embedded(page_data(scored)),
        "run": escape(scored.run.id),
    }
    # One pass over the template only: what is put in is never looked at again.
    page = _PLACE.sub(lambda match: places[match.group(1)], _asset("report.html"))
    return {"report.html": utf8(page)}


@cache
def _asset(name: str) -> str:
    return files("harness.reporting").joinpath("html", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the hash by which the page's own policy knows its own style and script."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"


REPORT = Report(id="html", title="Report (HTML)", render=render)
