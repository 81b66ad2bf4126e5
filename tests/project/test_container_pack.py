"""Without an engine the container pack skips in sight, fails in CI, and always says how much of it ran."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACK = ROOT / "scenarios" / "containers"
COUNT = re.compile(r"^container scenarios: (\d+) ran of (\d+)$", re.MULTILINE)


def run(place: Path, *arguments: str, ci: bool) -> tuple[int, str]:
    """Run pytest on a machine that seems to have no engine; return its exit code and output."""
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_ADDOPTS"}},
        **({"CI": "true"} if ci else {}),
        "DOCKER_HOST": "unix:///nowhere/docker.sock",
    }
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--color=no"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *arguments, str(place)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def counted(output: str) -> tuple[int, int]:
    found = COUNT.search(output)
    assert found, output
    return int(found[1]), int(found[2])


def scenarios_written() -> int:
    texts = (path.read_text(encoding="utf-8") for path in PACK.glob("test_*.py"))
    return sum(len(re.findall(r"^def test_", text, re.MULTILINE)) for text in texts)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack with the real conftest, and scenarios that stand in for those with containers."""
    shutil.copy(PACK / "conftest.py", tmp_path)
    (tmp_path / "test_stand_ins.py").write_text(
        "import pytest\n"
        "@pytest.fixture(scope='session', autouse=True)\n"
        "def engine(): return None\n"
        "def test_one(): pass\n"
        "def test_two(): pass\n",
        encoding="utf-8",
    )
    return tmp_path


def test_without_an_engine_every_scenario_is_skipped_with_the_reason() -> None:
    code, output = run(PACK, "-m", "container", "-rs", ci=False)

    assert code == pytest.ExitCode.OK, output
    assert "no container engine answers" in output
    assert "set DOCKER_HOST" in output
    assert counted(output) == (0, scenarios_written())


def test_without_an_engine_ci_fails_with_the_reason() -> None:
    code, output = run(PACK, "-m", "container", ci=True)

    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert "container scenarios must run in CI: no container engine answers" in output
    assert counted(output) == (0, scenarios_written())


def test_every_scenario_carries_the_mark_by_which_it_is_chosen() -> None:
    code, output = run(PACK, "-m", "not container", "--collect-only", "-q", ci=False)

    assert code == pytest.ExitCode.NO_TESTS_COLLECTED, output


def test_ci_passes_when_all_scenarios_ran(pack: Path) -> None:
    code, output = run(pack, ci=True)

    assert code == pytest.ExitCode.OK, output
    assert counted(output) == (2, 2)


def test_ci_fails_when_fewer_scenarios_ran_than_exist(pack: Path) -> None:
    code, output = run(pack, "-k", "one", ci=True)

    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert counted(output) == (1, 2)


def test_outside_ci_a_narrowed_run_passes_and_says_so(pack: Path) -> None:
    code, output = run(pack, "-k", "one", ci=False)

    assert code == pytest.ExitCode.OK, output
    assert counted(output) == (1, 2)
