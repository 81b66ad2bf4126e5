"""Documents say what is so: commands, flags, files and names in them exist."""

import re
from pathlib import Path

import pytest

from harness.cli import COMMANDS, parser
from harness.core.layer import Depth

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_command_of_the_readme_exists_and_none_is_left_out() -> None:
    named = set(re.findall(r"(?:`|\$ )harness ([a-z]+)", README)) | {"doctor"}

    assert named >= {command.name for command in COMMANDS}
    assert named <= {command.name for command in COMMANDS}


def test_every_flag_of_the_readme_is_a_flag_of_run(capsys: pytest.CaptureFixture[str]) -> None:
    row = next(line for line in README.splitlines() if line.startswith("| `harness run"))
    with pytest.raises(SystemExit):
        parser().parse_args(["run", "--help"])
    shown = capsys.readouterr().out

    for flag in re.findall(r"--[a-z-]+", row):
        assert flag in shown, flag
    assert "\\|".join(depth.value for depth in Depth) in row


@pytest.mark.parametrize("guide", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_every_flag_of_a_guide_is_a_flag_of_some_command(
    guide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            parser().parse_args([command.name, "--help"])
    shown = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", guide.read_text(encoding="utf-8"))) <= shown


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_linked_file_exists(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))

    for link in links:
        if "://" not in link:
            assert (document.parent / link).exists(), link


@pytest.mark.parametrize("path", sorted(set(re.findall(r"scenarios/[a-z_./-]+\.(?:toml|yaml|py)", README))))
def test_every_path_of_the_readme_exists(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize(
    "path", re.findall(r"`((?:harness|contracts|scenarios|reference_impl)/[^`<]*)", CONTRIBUTING)
)
def test_every_place_to_add_something_exists(path: str) -> None:
    assert (ROOT / path).exists(), path


@pytest.mark.parametrize("record", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda path: path.name)
def test_a_decision_record_is_short_and_complete(record: Path) -> None:
    lines = record.read_text(encoding="utf-8").splitlines()

    assert len(lines) < 60
    assert [line for line in lines if line.startswith("## ")] == [
        "## Context",
        "## Decision",
        "## Consequences",
    ]
