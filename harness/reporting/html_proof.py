"""The part of the report page about the harness itself: which seeded defects its checks caught."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.reporting.dose_plot import dose_plot

_LAYERS = (Layer.CONTRACTS, Layer.FUZZ, Layer.SCENARIOS, Layer.CHAOS, Layer.LOAD, Layer.JUDGES)
_CAUGHT = "caught"
_UNPROVEN = (
    "No detection data came with this run, so what its checks catch is unproven. "
    "<code>harness prove</code> makes it."
)
_SEEN = '<td class="yes"><span aria-hidden="true">●</span><span class="hidden">seen</span></td>'


def proof(scored: ScoredRun) -> str:
    """Return the section's content."""
    detection = scored.run.detection
    if not detection.get("defects"):
        return f'<p class="lead">{_UNPROVEN}</p>'
    return "\n".join(
        (
            f'<p class="lead">{_summary(detection["all"])}</p>',
            *_clean_runs(detection.get("clean_runs") or {}),
            _families(detection),
            _matrix(detection["defects"]),
            _unproven(scored),
            *_dose(detection.get("dose_response") or {}),
        )
    )


def _summary(everything: Mapping[str, Any]) -> str:
    missed = ", ".join(f"<code>{escape(name)}</code>" for name in everything["missed"])
    return (
        f"The harness was run, black-box, against {everything['defects']} defects seeded in the reference "
        f"implementation and {everything['twins']} clean twins that look alike and are right. "
        f"<b>{everything['caught']} were caught</b> by a requirement that they break; "
        f"{everything['false_alarms']} twins raised a false alarm. "
        + (f"Missed: {missed}." if missed else "None was missed.")
    )


def _clean_runs(record: Mapping[str, Any]) -> Iterator[str]:
    if record:
        yield (
            f'<p class="lead">{record["runs"]} clean runs with different seeds judged '
            f"{record['subjects_judged']} subjects; {record['false_fails']} of them failed in some runs and "
            "not in others, which is a false alarm.</p>"
        )


def _families(detection: Mapping[str, Any]) -> str:
    rows = [*sorted(detection["families"].items()), ("all", detection["all"])]
    head = ("Family", "Defects", "Caught", "Rate, 95 %", "Twins", "False alarms", "Rate, 95 %", "J")
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{cell}</td>"
            for cell in (
                escape(name),
                item["defects"],
                item["caught"],
                _rate(item["tpr"], item["tpr_interval"]),
                item["twins"],
                item["false_alarms"],
                _rate(item["fpr"], item["fpr_interval"]),
                "–" if item["j"] is None else f"{item['j']:.2f}",
            )
        )
        + "</tr>"
        for name, item in rows
    )
    return _table(head, body, "Detection and false alarms by family of defects")


def _rate(value: float | None, interval: Sequence[float]) -> str:
    return "–" if value is None else f"{value:.2f} [{interval[0]:.2f}–{interval[1]:.2f}]"


def _matrix(defects: Sequence[Mapping[str, Any]]) -> str:
    head = ("Defect", "Breaks", *(layer.value.capitalize() for layer in _LAYERS), "Twin")
    body = "".join(_defect(row) for row in defects)
    table = _table(head, body, "Seeded defects and the layers that saw each")
    summary = f"All {len(defects)} defects and the layers that saw them"
    return f"<details><summary>{summary}</summary>{table}</details>"


def _defect(row: Mapping[str, Any]) -> str:
    is_caught = row["cell"] == _CAUGHT
    name = f'<code title="{escape(row["title"])}">{escape(row["id"])}</code>'
    if not is_caught:
        name += f" <small>{escape(row['cell'])}</small>"
    seen = "".join(_SEEN if layer.value in row["layers"] else "<td></td>" for layer in _LAYERS)
    breaks = " ".join(f"<code>{escape(item)}</code>" for item in row["breaks"])
    twin = "–" if row["twin"] is None else ("false alarm" if row["twin"] else "clean")
    mark = "" if is_caught else ' class="missed"'
    return f"<tr{mark}><td>{name}</td><td>{breaks}</td>{seen}<td>{twin}</td></tr>"


def _unproven(scored: ScoredRun) -> str:
    named = [name for area in scored.maturity.areas for name in area.unproven]
    if not named:
        return ""
    items = " ".join(f"<code>{escape(name)}</code>" for name in named)
    return (
        f"<details><summary>{len(named)} checks that no seeded defect has turned red yet; "
        f"they lower the confidence of their areas</summary><p>{items}</p></details>"
    )


def _dose(record: Mapping[str, Any]) -> Iterator[str]:
    if record:
        yield "<h3>More defects, lower score</h3>"
        yield dose_plot(record)


def _table(head: Sequence[str], body: str, caption: str) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    return (
        f'<div class="wide" role="region" aria-label="{caption}" tabindex="0"><table>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )
