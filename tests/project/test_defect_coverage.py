"""Every family that a running service can show has seeded defects enough, most of them with a clean twin."""

from collections import Counter
from pathlib import Path

import pytest

from harness.proving.defects import load_defects

CATALOGUE = load_defects(Path(__file__).parents[2] / "contracts" / "defects.yaml")
FAMILIES = ("circuit-breaker", "retry", "queue", "graphql-http", "relay", "mcp", "resilience", "load")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_four_defects_or_more(family: str) -> None:
    assert Counter(item.family for item in CATALOGUE)[family] >= 4


def test_nearly_every_defect_has_a_clean_twin() -> None:
    here = [item for item in CATALOGUE if item.family in FAMILIES]

    assert sum(item.has_twin for item in here) >= 0.9 * len(here)
