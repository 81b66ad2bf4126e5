"""The seeded defects cover their families, can all be switched on, and never where nobody asked for them."""

from collections import Counter
from pathlib import Path

import pytest

from harness.proving.defects import load_defects
from reference_impl import defects
from reference_impl.app import create_app
from reference_impl.defects import DefectError, guard
from reference_impl.defects.mechanism import SHARED
from reference_impl.settings import Settings

CATALOGUE = load_defects(Path(__file__).parents[2] / "contracts" / "defects.yaml")
FILES = {
    path.stem.replace("_", "-")
    for path in Path(defects.__path__[0]).glob("*.py")
    if path.stem not in SHARED | {"__init__"}
}
KNOWN = defects.discover(defects)
WELL_COVERED = ("jwt", "owasp-api", "rest-semantics", "webhook", "contract-evolution", "session")
WITH_TWINS = [item for item in KNOWN.values() if item.twin is not None]


def test_every_row_of_the_catalogue_is_a_file_of_its_name_and_the_other_way_round() -> None:
    assert {item.id for item in CATALOGUE} == FILES


@pytest.mark.parametrize("family", WELL_COVERED)
def test_a_family_has_four_defects_or_more(family: str) -> None:
    assert Counter(item.family for item in CATALOGUE)[family] >= 4


@pytest.mark.parametrize("family", WELL_COVERED)
def test_nearly_every_defect_of_a_family_has_a_clean_twin(family: str) -> None:
    without = {item.id for item in CATALOGUE if item.family == family and not item.has_twin}

    assert without <= {
        "jwt-alg-none",
        "refresh-reuse-undetected",
        "node-ownership-ignored",
        "stack-trace-in-errors",
        "problem-status-disagrees",
        "success-status-moved",
    }


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_deployment_without_control_starts_with_no_defect(tmp_path: Path, name: str) -> None:
    settings = Settings(data_dir=tmp_path, control=False, defects=(name,))

    with pytest.raises(DefectError, match="CORE_CONTROL"):
        create_app(settings)


@pytest.mark.parametrize("twins", [False, True], ids=["defects", "twins"])
def test_what_is_switched_on_is_really_held_by_a_service(tmp_path: Path, twins: bool) -> None:
    """Starting checks it for each: a policy that no service took would stop the start."""
    names = tuple(f"{item.id}:twin" for item in WITH_TWINS) if twins else tuple(KNOWN)

    app = create_app(Settings(data_dir=tmp_path, control=True, defects=names))

    assert [name for name in names if not app.kit.policies.applied(name)] == []


def test_a_defect_whose_policy_nobody_took_stops_the_start(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, control=True))
    unknown = defects.seed(["jwt-alg-none"], type(app.kit.policies)(), KNOWN, control=True)

    with pytest.raises(DefectError, match="no service took"):
        guard(unknown, app.kit.policies)
