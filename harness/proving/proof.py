"""What is known of one defect after it was run, and its JSON form in a session's file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.core.area import Area
from harness.proving.attribution import Attribution, Cell, Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One row of the matrix.

    `low_before` and `low_after` are the area's L without and with the defect, None where only checks ran.
    `detected_after` is the time in seconds from a layer's first request to the first that shows the defect.
    `twin_alarms` names what the clean twin failed; None where there is no twin.
    """

    defect: str
    family: str
    title: str
    breaks: tuple[str, ...]
    attribution: Attribution
    area: Area
    low_before: float | None
    low_after: float | None
    seconds: float
    detected_after: float | None
    twin_alarms: tuple[str, ...] | None


def proof_to_json(proof: Proof) -> dict[str, Any]:
    """Return the JSON form."""
    return asdict(proof)


def proof_from_json(record: Mapping[str, Any]) -> Proof:
    """Read the JSON form back; raises KeyError, TypeError or ValueError on a record of another shape."""
    seen = record["attribution"]
    attribution = Attribution(
        cell=Cell(seen["cell"]),
        layers=tuple(seen["layers"]),
        failed=tuple(seen["failed"]),
        also_failed=tuple(seen["also_failed"]),
        switch=Switch(**seen["switch"]),
    )
    alarms = record["twin_alarms"]
    return Proof(
        **{
            **record,
            "breaks": tuple(record["breaks"]),
            "attribution": attribution,
            "area": Area(record["area"]),
            "twin_alarms": None if alarms is None else tuple(alarms),
        }
    )
