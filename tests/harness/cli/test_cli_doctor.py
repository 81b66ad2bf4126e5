"""The doctor looks for what a run needs, and says of what is missing how to get it."""

import importlib.util
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli.doctor import prerequisites
from harness.target.dependencies import postgres

LAUNCHED = """
name = "shop"
base_url = "http://127.0.0.1:{{port}}"
[launch.processes.server]
command = ["server"]
[dependencies.store]
{dependency}
"""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing but our packages; programs are put into the folder that is returned."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "OFF_PATH", ())
    return tmp_path


def program(folder: Path, name: str, says: str = "") -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{says}\n")
    file.chmod(0o755)


def target(folder: Path, dependency: str) -> str:
    file = folder / "shop.toml"
    file.write_text(LAUNCHED.format(dependency=dependency))
    return str(file)


def line_of(name: str, printed: str) -> str:
    lines = printed.splitlines()
    (number,) = (at for at, line in enumerate(lines) if line.startswith(f"{name} "))
    return " ".join(" ".join(lines[number : number + 2]).split())


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("engine", "apt-get install docker.io"),
        ("postgres", "apt-get install postgresql"),
        ("browser", "apt-get install chromium"),
        ("allure", "npm install -g allure"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_a_run_can_do_without_is_absent_and_comes_with_how_to_get_it(
    capsys: pytest.CaptureFixture[str], name: str, remedy: str
) -> None:
    assert main(["doctor"]) == 0

    line = line_of(name, capsys.readouterr().out)
    assert line.startswith(f"{name} absent")
    assert remedy in line


def test_what_is_here_is_named_by_where_it_is(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("chromium", "allure", "initdb", "postgres", "pg_isready"):
        program(bare, name)
    program(bare, "podman", "echo 5.4.2")

    assert main(["doctor"]) == 0

    printed = capsys.readouterr().out
    assert f"({bare}/chromium)" in line_of("browser", printed)
    assert f"({bare}/allure)" in line_of("allure", printed)
    assert f"({bare})" in line_of("postgres", printed)
    assert "(podman 5.4.2)" in line_of("engine", printed)


def test_an_engine_that_does_not_answer_is_absent(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(bare, "docker", "exit 1")

    main(["doctor"])

    line = line_of("engine", capsys.readouterr().out)
    assert line.startswith("engine absent")
    assert "docker is here and no engine answers" in line


@pytest.mark.parametrize(
    ("dependency", "name"),
    [('kind = "postgres"', "postgres"), ('kind = "container"\nimage = "x"\nport = 1', "engine")],
)
def test_what_the_target_needs_is_missing_and_is_the_exit_code(
    bare: Path, capsys: pytest.CaptureFixture[str], dependency: str, name: str
) -> None:
    assert main(["doctor", target(bare, dependency)]) == 3

    printed = capsys.readouterr().out
    assert line_of(name, printed).startswith(f"{name} MISSING")
    assert printed.count("MISSING") == 1


def test_a_layer_without_its_tool_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pact" else real(name))

    assert main(["doctor"]) == 3
    assert "pact MISSING layer contracts Install the package pact-python" in line_of(
        "pact", capsys.readouterr().out
    )


def test_every_prerequisite_says_how_to_get_it() -> None:
    assert all(item.remedy and item.purpose for item in prerequisites())
