"""The detection matrix as JSON and Markdown, and its ratchet."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.core.statistics import wilson
from harness.proving.attribution import Cell
from harness.proving.prove import Proof

DETECTION_SCHEMA = "detection/1"


def detection(proofs: Sequence[Proof], *, rubric: str, depth: str) -> Mapping[str, Any]:
    """Return the published record: one row a defect, one row a family, the requirements that are proven."""
    rows = [_row(proof) for proof in sorted(proofs, key=lambda item: (item.defect.family, item.defect.id))]
    families = sorted({row["family"] for row in rows})
    return {
        "schema": DETECTION_SCHEMA,
        "rubric": rubric,
        "depth": depth,
        "defects": rows,
        "families": {name: _family([row for row in rows if row["family"] == name]) for name in families},
        "all": _family(rows),
        "requirements": _requirements(rows),
    }


def _row(proof: Proof) -> dict[str, Any]:
    seen = proof.attribution
    return {
        "id": proof.defect.id,
        "family": proof.defect.family,
        "title": proof.defect.title,
        "breaks": list(proof.defect.breaks),
        "cell": seen.cell.value,
        "layers": list(seen.layers),
        "failed": list(seen.failed),
        "also_failed": list(seen.also_failed),
        "applied": seen.switch.applied,
        "reached": seen.switch.reached,
        "triggered": seen.switch.triggered,
        "area": proof.area.value,
        "low_before": round(proof.low_before, 3),
        "low_after": round(proof.low_after, 3),
        "seconds": proof.seconds,
        "twin": None if proof.twin_alarms is None else list(proof.twin_alarms),
    }


def _family(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return true and false positive rates with Wilson 95 % intervals, and J = TPR - FPR."""
    caught = sum(row["cell"] == Cell.CAUGHT.value for row in rows)
    twins = [row["twin"] for row in rows if row["twin"] is not None]
    alarms = sum(bool(twin) for twin in twins)
    tpr = caught / len(rows)
    fpr = alarms / len(twins) if twins else None
    return {
        "defects": len(rows),
        "caught": caught,
        "tpr": round(tpr, 3),
        "tpr_interval": [round(edge, 3) for edge in wilson(caught, len(rows))],
        "twins": len(twins),
        "false_alarms": alarms,
        "fpr": None if fpr is None else round(fpr, 3),
        "fpr_interval": [round(edge, 3) for edge in wilson(alarms, len(twins))],
        "j": None if fpr is None else round(tpr - fpr, 3),
        "missed": [row["id"] for row in rows if row["cell"] != Cell.CAUGHT.value],
    }


def _requirements(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, int]]:
    """Return, per requirement, how many defects break it and how many of them were caught by it."""
    counted: dict[str, dict[str, int]] = {}
    for row in rows:
        for requirement in row["breaks"]:
            entry = counted.setdefault(requirement, {"defects": 0, "caught": 0})
            entry["defects"] += 1
            entry["caught"] += requirement in row["failed"]
    return dict(sorted(counted.items()))


def markdown(record: Mapping[str, Any]) -> str:
    """Return the matrix for people."""
    lines = [
        "# Detection matrix",
        "",
        "Made by `tox -e prove`; never edited. A defect is *caught* when the right requirement failed.",
        "",
        *_table(
            "defect family breaks cell layers area before after twin seconds",
            [
                [
                    row["id"], row["family"], ", ".join(row["breaks"]), row["cell"], ", ".join(row["layers"]),
                    row["area"], row["low_before"], row["low_after"], _twin(row["twin"]), row["seconds"],
                ]
                for row in record["defects"]
            ],
        ),
        "",
        "`before` and `after` are the area's lower bound without and with the defect.",
        "",
        *_table(
            "family defects caught TPR 95% twins alarms FPR 95% J",
            [
                [
                    name, item["defects"], item["caught"], item["tpr"], item["tpr_interval"],
                    item["twins"], item["false_alarms"], item["fpr"], item["fpr_interval"], item["j"],
                ]
                for name, item in [*record["families"].items(), ("all", record["all"])]
            ],
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _twin(alarms: Sequence[str] | None) -> str:
    if alarms is None:
        return "none"
    return "FALSE ALARM" if alarms else "clean"


def _table(header: str, rows: Sequence[Sequence[object]]) -> list[str]:
    columns = header.split()
    return [
        f"| {' | '.join(columns)} |",
        "|" + "---|" * len(columns),
        *(f"| {' | '.join('-' if cell is None else str(cell) for cell in row)} |" for row in rows),
    ]


def regressions(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the defects that the landed matrix caught and this one does not: the ratchet."""
    landed = {row["id"] for row in before.get("defects", ()) if row["cell"] == Cell.CAUGHT.value}
    return tuple(
        row["id"] for row in after["defects"] if row["id"] in landed and row["cell"] != Cell.CAUGHT.value
    )
