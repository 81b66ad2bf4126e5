"""The dose-response curve as SVG: a file of its own, or a picture in the report page, which has the style."""

from collections.abc import Mapping
from typing import Any

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 40, 48
_TITLE = "Overall lower bound by number of defects switched on at once"
_STYLE = (
    ".dose text{font:13px system-ui,sans-serif;fill:#334155}.axis,.grid{stroke:#94a3b8;stroke-width:1}"
    ".grid{stroke-dasharray:2 4;opacity:.5}.mean{fill:none;stroke:#1d4ed8;stroke-width:2.5}"
    ".point{fill:#1d4ed8}.one{fill:#1d4ed8;opacity:.35}"
    "@media (prefers-color-scheme: dark){text{fill:#cbd5e1}.mean{stroke:#93c5fd}.point,.one{fill:#93c5fd}}"
)


def dose_file(record: Mapping[str, Any]) -> str:
    """Return the plot as a file that reads on a light and on a dark page."""
    return dose_plot(record, style=f"<style>{_STYLE}</style>\n") + "\n"


def dose_plot(record: Mapping[str, Any], *, style: str = "") -> str:
    """Return the plot of a dose-response record: doses evenly spaced, L from 0 to 10, means joined."""
    means = {int(dose): mean for dose, mean in record["means"].items()}
    doses = sorted(means)
    across = {dose: _LEFT + _plot_width() * at / max(1, len(doses) - 1) for at, dose in enumerate(doses)}
    line = " ".join(f"{across[dose]:.1f},{_up(means[dose]):.1f}" for dose in doses)
    ones = [
        f'<circle class="one" cx="{across[row["dose"]]:.1f}" cy="{_up(row["low"]):.1f}" r="3"/>'
        for row in record["draws"]
    ]
    points = [
        f'<circle class="point" cx="{across[dose]:.1f}" cy="{_up(means[dose]):.1f}" r="4">'
        f"<title>{dose} defects: mean {means[dose]:.2f}</title></circle>"
        for dose in doses
    ]
    words = "; ".join(f"{dose} defects {means[dose]:.2f}" for dose in doses)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" class="dose" role="img"'
        f' aria-labelledby="dose-title dose-words">\n<title id="dose-title">{_TITLE}</title>\n'
        f'<desc id="dose-words">Mean overall lower bound: {words}.</desc>\n{style}'
        f'<text x="{_LEFT}" y="22">{_TITLE}</text>'
    )
    mean = f'<polyline class="mean" points="{line}"/>'
    return "\n".join([head, *_axes(across), *ones, mean, *points, "</svg>"])


def _axes(across: Mapping[int, float]) -> list[str]:
    end = _WIDTH - _RIGHT
    lines = [
        f'<line class="{"axis" if value == 0 else "grid"}" x1="{_LEFT}" x2="{end}"'
        f' y1="{_up(value):.1f}" y2="{_up(value):.1f}"/>'
        f'<text x="{_LEFT - 10}" y="{_up(value) + 4:.1f}" text-anchor="end">{value}</text>'
        for value in (0, 2, 4, 6, 8, 10)
    ]
    names = [
        f'<text x="{x:.1f}" y="{_HEIGHT - 24}" text-anchor="middle">{dose}</text>'
        for dose, x in across.items()
    ]
    return [*lines, *names]


def _plot_width() -> int:
    return _WIDTH - _LEFT - _RIGHT


def _up(value: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / 10)
