"""A catalogue of defects is read strictly."""

from pathlib import Path

import pytest

from harness.core.errors import UsageProblem
from harness.proving.defects import Defect, chosen, load_defects

ROW = "- {id: a, family: jwt, title: A., breaks: [r.one]}\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "defects.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_row_becomes_a_defect(tmp_path: Path) -> None:
    (only,) = load_defects(
        written(tmp_path, "- {id: a, family: jwt, title: A., breaks: [r.one], twin: true}\n")
    )

    assert only == Defect(id="a", family="jwt", title="A.", breaks=("r.one",), has_twin=True)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not a list"),
        ("{}", "not a list"),
        ("[", "parsing"),
        (ROW + ROW, "listed twice: a"),
        ("- {id: a, family: jwt, title: A.}\n", "row 1 must have"),
        ("- {id: a, family: jwt, title: A., breaks: [r], color: red}\n", "row 1 must have"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UsageProblem, match=complaint):
        load_defects(written(tmp_path, text))


def test_an_unknown_defect_is_named_beside_the_known_ones(tmp_path: Path) -> None:
    known = load_defects(written(tmp_path, ROW))

    with pytest.raises(UsageProblem, match=r"no such defect: b\n.*a"):
        chosen(known, ["b"])


def test_a_family_selects_its_defects(tmp_path: Path) -> None:
    known = load_defects(written(tmp_path, ROW + "- {id: b, family: mfa, title: B., breaks: [r.two]}\n"))

    assert [item.id for item in chosen(known, [], "mfa")] == ["b"]
    assert [item.id for item in chosen(known, [])] == ["a", "b"]
