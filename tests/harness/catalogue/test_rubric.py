"""The shipped catalogue is frozen; a rubric travels with its run unchanged."""

import json
import shutil
from pathlib import Path

import pytest

from harness.catalogue.loading import load_requirements
from harness.catalogue.rubric import (
    drift_of,
    freeze,
    load_rubric,
    requirement_from_json,
    requirement_to_json,
    rubric_from_json,
    rubric_to_json,
)
from harness.core.area import Area
from harness.core.errors import CatalogueProblem
from harness.core.requirement import Profile, Weight
from harness.core.resources import resource
from harness.target.probes import probes


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("contracts/requirements"), tmp_path / "requirements"))


def reword(folder: Path) -> None:
    file = folder / "security.yaml"
    file.write_text(file.read_text().replace("weight: low", "weight: high", 1))


def test_the_shipped_catalogue_is_what_its_lock_froze() -> None:
    home = resource("contracts/requirements")
    lock = json.loads((home / "rubric.lock").read_text())

    assert drift_of(load_requirements(home), lock) == ()
    assert load_rubric().hash == lock["hash"]


def test_a_change_without_a_new_version_is_refused(copy: Path) -> None:
    reword(copy)

    with pytest.raises(
        CatalogueProblem, match=r"not what rubric version 1 froze: security\.headers-set changed"
    ):
        load_rubric(copy)


def test_a_frozen_version_cannot_be_frozen_again_with_other_content(copy: Path) -> None:
    reword(copy)

    with pytest.raises(CatalogueProblem, match="rubric version 1 is frozen"):
        freeze("1", copy)


def test_a_changed_requirement_counts_under_a_new_version(copy: Path) -> None:
    reword(copy)
    freeze("2", copy)

    rubric = load_rubric(copy)

    assert rubric.version == "2"
    assert rubric.hash != load_rubric().hash
    assert rubric.not_scored == frozenset()


def test_a_requirement_added_later_gives_no_points_in_its_first_version(copy: Path) -> None:
    file = copy / "security.yaml"
    row = file.read_text().split("- id: ")[1].replace("security.authentication-enforced", "security.novel")
    file.write_text(file.read_text() + "- id: " + row)
    freeze("2", copy)
    first = load_rubric(copy)
    freeze("3", copy)
    second = load_rubric(copy)

    assert first.not_scored == {"security.novel"}
    assert "security.novel" not in {item.id for item in first.scored}
    assert "security.novel" in {item.id for item in first.requirements}
    assert second.not_scored == frozenset()


def test_removing_a_requirement_is_a_change(copy: Path) -> None:
    (copy / "monitoring.yaml").write_text("[]\n")

    with pytest.raises(CatalogueProblem, match=r"monitoring\.health-honest removed"):
        load_rubric(copy)


def test_a_catalogue_without_a_lock_is_refused(copy: Path) -> None:
    (copy / "rubric.lock").unlink()

    with pytest.raises(CatalogueProblem, match="not frozen"):
        load_rubric(copy)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "rubric-lock/9"}'])
def test_a_damaged_lock_is_refused(copy: Path, text: str) -> None:
    (copy / "rubric.lock").write_text(text)

    with pytest.raises(CatalogueProblem, match=r"rubric\.lock"):
        load_rubric(copy)


def test_a_rubric_comes_back_from_a_run_folder_unchanged() -> None:
    rubric = load_rubric()

    assert rubric_from_json(json.loads(json.dumps(rubric_to_json(rubric)))) == rubric


def test_a_rubric_changed_inside_a_run_folder_is_refused() -> None:
    record = rubric_to_json(load_rubric())
    record["requirements"][0]["weight"] = Weight.LOW.value

    with pytest.raises(CatalogueProblem, match=r"rubric\.json was changed after the run"):
        rubric_from_json(record)


def test_every_requirement_survives_its_json_form() -> None:
    for requirement in load_rubric().requirements:
        assert requirement_from_json(requirement_to_json(requirement)) == requirement


def test_every_area_has_a_must_and_every_critical_is_one() -> None:
    requirements = load_rubric().requirements

    assert {item.area for item in requirements if item.must} == set(Area)
    assert all(item.must for item in requirements if item.weight is Weight.CRITICAL)


def test_a_portable_requirement_needs_nothing_that_only_core_targets_have() -> None:
    portable = [item for item in load_rubric().requirements if item.profile is Profile.PORTABLE]

    anywhere = {probe.id for probe in probes() if probe.profile is Profile.PORTABLE}
    assert {need for item in portable for need in item.needs} <= anywhere
    assert not [item.id for item in portable if isinstance(item.subjects, tuple)]
