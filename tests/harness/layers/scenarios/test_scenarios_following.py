"""Growing files are read line by line, and findings get the exchanges of their step."""

import json
from pathlib import Path

from harness.core.finding import Finding, finding_to_json
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.layers.scenarios.following import GrowingLines, StepIndex


def recorded(path: Path, *pairs: tuple[str, str]) -> None:
    with path.open("a") as file:
        file.writelines(json.dumps({"id": name, "step": step}) + "\n" for name, step in pairs)


def line(step: str) -> dict[str, object]:
    finding = Finding(
        requirement="a.b",
        subject="x",
        outcome=Outcome.PASS,
        reason="as-expected",
        layer=Layer.SCENARIOS,
        producer="p",
    )
    return {**finding_to_json(finding, target="t"), "step": step}


def test_a_torn_last_line_waits_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    lines = GrowingLines(path)
    path.write_text('{"a": 1}\n{"a": ')

    first = list(lines.read())
    with path.open("a") as file:
        file.write("2}\n")

    assert (first, list(lines.read())) == ([{"a": 1}], [{"a": 2}])


def test_a_file_that_is_not_there_yet_has_no_lines(tmp_path: Path) -> None:
    assert not list(GrowingLines(tmp_path / "none").read())


def test_a_finding_gets_the_exchanges_of_its_own_step(tmp_path: Path) -> None:
    path = tmp_path / "exchanges"
    recorded(path, ("old-1", "t#x"))
    index = StepIndex(path)
    recorded(path, ("s-1", "t"), ("s-2", "t#x"), ("s-3", "t#y"))
    index.refresh()

    assert index.link(line("t#x")).exchanges == ("s-2",)


def test_a_finding_without_own_exchanges_gets_those_of_its_scenario(tmp_path: Path) -> None:
    path = tmp_path / "exchanges"
    path.touch()
    index = StepIndex(path)
    recorded(path, ("s-1", "t"))
    index.refresh()

    assert index.link(line("t#x")).exchanges == ("s-1",)
