"""The detection matrix as JSON and Markdown, and its ratchet."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from harness.core.layer import Layer
from harness.proving.attribution import Cell
from harness.proving.proof import Proof
from harness.proving.rates import Rates, rates_of
from harness.runner.record import DETECTION_SCHEMA

#: The columns of the matrix: every layer that can show a defect.
LAYERS = (Layer.CONTRACTS, Layer.FUZZ, Layer.SCENARIOS, Layer.CHAOS, Layer.LOAD, Layer.JUDGES)


def detection(proofs: Sequence[Proof], *, rubric: str, scope: str, depth: str) -> Mapping[str, Any]:
    """Return the published record: a row a defect, a row a family, the requirements that are proven."""
    ordered = sorted(proofs, key=lambda item: (item.family, item.defect))
    families = {name: list(group) for name, group in groupby(ordered, key=lambda item: item.family)}
    return {
        "schema": DETECTION_SCHEMA,
        "rubric": rubric,
        "scope": scope,
        "depth": depth,
        "defects": [_row(proof) for proof in ordered],
        "families": {name: _rates(rates_of(group)) for name, group in families.items()},
        "all": _rates(rates_of(ordered)),
        "requirements": _requirements(ordered),
    }


def _row(proof: Proof) -> dict[str, Any]:
    seen = proof.attribution
    return {
        "id": proof.defect,
        "family": proof.family,
        "title": proof.title,
        "breaks": list(proof.breaks),
        "cell": seen.cell.value,
        "layers": list(seen.layers),
        "failed": list(seen.failed),
        "also_failed": list(seen.also_failed),
        "applied": seen.switch.applied,
        "reached": seen.switch.reached,
        "triggered": seen.switch.triggered,
        "area": proof.area.value,
        "low_before": _rounded(proof.low_before),
        "low_after": _rounded(proof.low_after),
        "seconds": proof.seconds,
        "detected_after": proof.detected_after,
        "twin": None if proof.twin_alarms is None else list(proof.twin_alarms),
    }


def _rates(rates: Rates) -> Mapping[str, Any]:
    return {
        "defects": rates.detected.trials + rates.errors,
        "caught": rates.detected.hits,
        "crashed": rates.crashed,
        "errors": rates.errors,
        "tpr": _rounded(rates.detected.share),
        "tpr_interval": [_rounded(edge) for edge in rates.detected.interval],
        "twins": rates.alarms.trials,
        "false_alarms": rates.alarms.hits,
        "fpr": _rounded(rates.alarms.share),
        "fpr_interval": [_rounded(edge) for edge in rates.alarms.interval],
        "j": _rounded(rates.youden),
        "missed": list(rates.missed),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _requirements(proofs: Sequence[Proof]) -> Mapping[str, Mapping[str, int]]:
    """Return, per requirement, how many defects break it and how many of them were caught by it."""
    counted: dict[str, dict[str, int]] = {}
    for proof in proofs:
        for requirement in proof.breaks:
            entry = counted.setdefault(requirement, {"defects": 0, "caught": 0})
            entry["defects"] += 1
            entry["caught"] += requirement in proof.attribution.failed
    return dict(sorted(counted.items()))


_HEAD = (
    "Made by `tox -e prove`; never edited. The harness is run black-box against each seeded defect of the",
    "reference and against its clean twin. A defect is *caught* when a requirement that it breaks failed,",
    "and did not fail without it. Intervals are Wilson 95 %.",
)
_LEGEND = (
    "Below: the layers whose findings show the defect; *seen after* counts seconds from the layer's first",
    "request; *before* and *after* are the lower bound of the requirement's area without and with it.",
)


def _summary(everything: Mapping[str, Any]) -> str:
    return (
        f"{everything['caught']} of {everything['defects']} defects caught,"
        f" {everything['false_alarms']} false alarms on {everything['twins']} clean twins,"
        f" {everything['crashed']} ended by a crash,"
        f" {everything['errors']} not applied. Missed: {', '.join(everything['missed']) or 'none'}."
    )


def markdown(record: Mapping[str, Any]) -> str:
    """Return the matrix for people."""
    everything = record["all"]
    lines = [
        "# Detection matrix",
        "",
        *_HEAD,
        "",
        _summary(everything),
        "",
        *_table(
            "family defects caught TPR 95% twins alarms FPR 95% J",
            [
                [
                    name, item["defects"], item["caught"], item["tpr"], item["tpr_interval"],
                    item["twins"], item["false_alarms"], item["fpr"], item["fpr_interval"], item["j"],
                ]
                for name, item in [*record["families"].items(), ("all", everything)]
            ],
        ),
        "",
        *_LEGEND,
        "",
        *_table(
            f"defect breaks cell {' '.join(LAYERS)} seen_after before after twin seconds",
            [
                [
                    row["id"], ", ".join(row["breaks"]), row["cell"],
                    *("●" if layer in row["layers"] else "" for layer in LAYERS),
                    row["detected_after"], row["low_before"], row["low_after"], _twin(row["twin"]),
                    row["seconds"],
                ]
                for row in record["defects"]
            ],
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _twin(alarms: Sequence[str] | None) -> str:
    if alarms is None:
        return "none"
    return f"FALSE ALARM {', '.join(alarms)}" if alarms else "clean"


def _table(header: str, rows: Sequence[Sequence[object]]) -> list[str]:
    columns = [name.replace("_", " ") for name in header.split()]
    return [
        f"| {' | '.join(columns)} |",
        "|" + "---|" * len(columns),
        *(f"| {' | '.join('-' if cell is None else str(cell) for cell in row)} |" for row in rows),
    ]


def regressions(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the defects of this matrix that the landed one caught and this one does not: the ratchet."""
    landed = {row["id"] for row in before.get("defects", ()) if row["cell"] == Cell.CAUGHT.value}
    return tuple(
        row["id"] for row in after["defects"] if row["id"] in landed and row["cell"] != Cell.CAUGHT.value
    )
