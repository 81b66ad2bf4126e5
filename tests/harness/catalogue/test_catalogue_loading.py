"""The catalogue refuses whatever does not hold together, naming the file and the id."""

from pathlib import Path

import pytest
import yaml

from harness.catalogue.loading import load_requirements
from harness.core.area import Area
from harness.core.errors import CatalogueProblem

ROW = {
    "id": "auth.tokens-expire",
    "profile": "core",
    "level": "mature",
    "weight": "critical",
    "must": True,
    "evidence": "behaviour",
    "statement": "A token stops working when its lifetime is over.",
    "source": ["RFC 7519 4.1.4"],
    "remedy": "Compare exp with the clock on every request.",
    "effort": "low",
    "subjects": "target",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for area in Area:
        (tmp_path / f"{area.value}.yaml").write_text("[]\n")
    return tmp_path


def write(folder: Path, *rows: object, area: Area = Area.SECURITY) -> None:
    (folder / f"{area.value}.yaml").write_text(yaml.safe_dump(list(rows)))


def test_a_sound_row_becomes_a_requirement_of_the_area_of_its_file(folder: Path) -> None:
    write(folder, ROW)

    (requirement,) = load_requirements(folder)

    assert (requirement.id, requirement.area) == ("auth.tokens-expire", Area.SECURITY)
    assert requirement.source == ("RFC 7519 4.1.4",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weigth": "low"}, "unknown key weigth"),
        ({"statement": None}, "statement: a sentence was expected"),
        ({"remedy": "Fix it."}, "remedy: a sentence was expected"),
        ({"profile": "all"}, "profile: 'all' is not one of portable, core"),
        ({"level": "initial"}, "level: 'initial' is not one of developing, mature, advanced"),
        ({"weight": "huge"}, "weight: 'huge' is not one of"),
        ({"must": "yes"}, "must: 'yes' is neither true nor false"),
        ({"evidence": "hearsay"}, "evidence: 'hearsay' is not one of"),
        ({"effort": "some"}, "effort: 'some' is not one of"),
        ({"source": []}, "source: a list of distinct texts was expected"),
        ({"source": ["RFC 1", "RFC 1"]}, "source: a list of distinct texts was expected"),
        ({"needs": "openapi"}, "needs: a list of distinct texts was expected"),
        ({"subjects": "everything"}, "subjects: a list of distinct names or one of"),
        ({"subjects": []}, "subjects: a list of distinct names or one of"),
        ({"id": "NoTopic"}, "id: <topic>.<what-is-true> in lower case was expected"),
    ],
)
def test_a_row_with_a_flaw_is_refused_with_file_and_id(
    folder: Path, change: dict[str, object], message: str
) -> None:
    row = {**ROW, **change}
    write(folder, row)

    with pytest.raises(CatalogueProblem) as refused:
        load_requirements(folder)

    assert f"security.yaml: {row['id']}: {message}" in str(refused.value)


@pytest.mark.parametrize("key", sorted(set(ROW) - {"id"}))
def test_a_row_without_a_key_is_refused(folder: Path, key: str) -> None:
    write(folder, {name: value for name, value in ROW.items() if name != key})

    with pytest.raises(CatalogueProblem, match=rf"security\.yaml: auth\.tokens-expire: missing key {key}"):
        load_requirements(folder)


def test_an_id_given_twice_is_refused_across_files(folder: Path) -> None:
    write(folder, ROW)
    write(folder, ROW, area=Area.API_DESIGN)

    with pytest.raises(CatalogueProblem, match=r"auth\.tokens-expire: id already taken in api_design\.yaml"):
        load_requirements(folder)


def test_a_key_given_twice_in_one_row_is_refused(folder: Path) -> None:
    (folder / "security.yaml").write_text(yaml.safe_dump([ROW]) + "  weight: low\n")

    with pytest.raises(CatalogueProblem, match=r"security\.yaml: line 1: key weight given twice"):
        load_requirements(folder)


def test_all_flaws_are_listed_at_once(folder: Path) -> None:
    write(folder, {**ROW, "effort": "some"}, {**ROW, "id": "auth.other", "must": 1})

    with pytest.raises(CatalogueProblem) as refused:
        load_requirements(folder)

    assert "auth.tokens-expire: effort" in str(refused.value)
    assert "auth.other: must" in str(refused.value)


def test_a_file_that_names_no_area_is_refused(folder: Path) -> None:
    (folder / "privacy.yaml").write_text("[]\n")

    with pytest.raises(CatalogueProblem, match=r"privacy\.yaml: names no area"):
        load_requirements(folder)


def test_an_area_without_a_file_is_refused(folder: Path) -> None:
    (folder / "monitoring.yaml").unlink()

    with pytest.raises(CatalogueProblem, match=r"monitoring\.yaml: no such file"):
        load_requirements(folder)


def test_a_file_that_is_no_list_is_refused(folder: Path) -> None:
    (folder / "security.yaml").write_text("id: x\n")

    with pytest.raises(CatalogueProblem, match=r"security\.yaml: a list of requirements was expected"):
        load_requirements(folder)


def test_a_row_that_is_no_mapping_is_refused(folder: Path) -> None:
    write(folder, "auth.tokens-expire")

    with pytest.raises(CatalogueProblem, match=r"security\.yaml: row 1: a mapping was expected"):
        load_requirements(folder)
