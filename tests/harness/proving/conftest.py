"""Proofs to count and to keep."""

from typing import Any

import pytest

from harness.core.area import Area
from harness.proving.attribution import Attribution, Cell, Switch
from harness.proving.proof import Proof


def make_proof(defect: str, cell: Cell = Cell.CAUGHT, **fields: Any) -> Proof:
    caught = cell is Cell.CAUGHT
    known: dict[str, Any] = {
        "defect": defect,
        "family": "jwt",
        "title": f"{defect} is wrong.",
        "breaks": ("auth.safe",),
        "attribution": Attribution(
            cell=cell,
            layers=("scenarios",) if caught else (),
            failed=("auth.safe",) if caught else (),
            also_failed=(),
            switch=Switch(applied=True, reached=2, triggered=1),
        ),
        "area": Area.SECURITY,
        "low_before": 10.0,
        "low_after": 5.0,
        "seconds": 7.5,
        "detected_after": 0.25,
        "twin_alarms": (),
    }
    return Proof(**(known | fields))


@pytest.fixture
def proof() -> Proof:
    return make_proof("open-door")
