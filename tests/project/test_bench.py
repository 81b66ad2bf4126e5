"""The benchmark's own service is what its rows say, and a row shows its ratio."""

import httpx
import pytest

from tests.bench.rows import Row
from tests.bench.stub import RESOURCES, Fifty, document
from tests.targets.from_document import TOKEN

SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}


def test_the_service_has_fifty_operations() -> None:
    assert sum(len(item) for item in document()["paths"].values()) == 50


@pytest.mark.parametrize(
    ("name", "status"), [("authors", 401), ("jobs", 200)], ids=["sound", "authentication missing"]
)
def test_only_what_stands_behind_a_name_is_wrong(name: str, status: int) -> None:
    with Fifty() as server:
        assert httpx.get(f"{server.url}/{name}", trust_env=False).status_code == status
        assert httpx.get(f"{server.url}/{name}", headers=SIGNED_IN, trust_env=False).status_code == 200


def test_no_two_resources_are_wrong_in_one_way() -> None:
    wrong = [item for item in RESOURCES.values() if item]

    assert len(wrong) == len(set(wrong)) == 6


def test_a_row_shows_its_ratio() -> None:
    row = Row(name="ours / theirs", unit="s", ours=1.0, yardstick=4.0, goal="< 1")

    assert str(row).split()[-5:] == ["1.00", "4.00", "0.25", "<", "1"]
