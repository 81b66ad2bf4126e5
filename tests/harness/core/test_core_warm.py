"""Programs forked where their imports are: they run and end as if started, and none outlives us."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.core.errors import UsageProblem
from harness.core.spawn import Child, spawn_preloaded
from tests.harness.core.watching import alive, until

PROGRAM = """
    import json, os, random, signal, sys, time
    print(json.dumps({
        "name": __name__, "argv": sys.argv[1:], "added": os.environ.get("ADDED"), "cwd": os.getcwd(),
        "loaded": "loaded_before" in sys.modules, "group": os.getpgid(0) == os.getpid(),
        "drawn": random.random(), "stdin": sys.stdin.read(), "secret": "hunter2",
    }), flush=True)
    if "stay" in sys.argv:
        time.sleep(60)
    sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a directory with a program, and with modules that can and cannot be loaded before it."""
    place = tmp_path / "place"
    place.mkdir()
    (place / "program.py").write_text(textwrap.dedent(PROGRAM))
    (place / "loaded_before.py").write_text("")
    (place / "broken.py").write_text("raise ValueError('no such luck')")
    (place / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )
    return place


def started(folder: Path, *arguments: str, modules: str = "loaded_before", log: str = "log") -> Child:
    return spawn_preloaded(
        [sys.executable, "-m", "program", *arguments],
        modules,
        log=folder / log,
        name="program",
        env={"ADDED": "1"},
        cwd=folder,
        redact=lambda line: line.replace(b"hunter2", b"<gone>"),
    )


def said(folder: Path, log: str = "log") -> Mapping[str, object]:
    assert until(lambda: (folder / log).exists() and (folder / log).read_text().endswith("}\n"))
    record: Mapping[str, object] = json.loads((folder / log).read_text())
    return record


def test_it_is_the_main_program_with_its_own_arguments_environment_and_directory(folder: Path) -> None:
    child = started(folder, "3", "--port", "80")

    assert child.wait(20) == 3
    assert child.poll() == 3
    seen = dict(said(folder))
    assert seen.pop("drawn") is not None
    assert seen == {
        "name": "__main__",
        "argv": ["3", "--port", "80"],
        "added": "1",
        "cwd": str(folder),
        "loaded": True,
        "group": True,
        "stdin": "",
        "secret": "<gone>",
    }


def test_two_of_them_share_neither_group_nor_random_numbers(folder: Path) -> None:
    first, second = started(folder, "0", log="one"), started(folder, "0", log="two")

    assert (first.wait(20), second.wait(20)) == (0, 0)
    assert first.pid != second.pid
    assert said(folder, "one")["drawn"] != said(folder, "two")["drawn"]


def test_killing_one_is_told_and_leaves_the_other(folder: Path) -> None:
    first, second = started(folder, "0", "stay", log="one"), started(folder, "0", "stay", log="two")
    said(folder, "one"), said(folder, "two")

    first.kill()

    assert first.poll() == -signal.SIGKILL
    assert not first.is_running
    assert second.is_running
    assert second.wait(0.01) is None
    assert second.stop() not in {None, 0}
    assert not alive(second.pid)


def test_what_died_is_a_zombie_until_somebody_asks(folder: Path) -> None:
    child = started(folder, "0", "stay")
    said(folder)

    os.kill(child.pid, signal.SIGKILL)

    assert until(lambda: child.is_zombie)
    assert child.poll() == -signal.SIGKILL
    assert not child.is_zombie


def test_a_module_that_cannot_be_loaded_is_told_with_its_error(folder: Path) -> None:
    with pytest.raises(UsageProblem, match="preload broken: ValueError: no such luck"):
        started(folder, "0", modules="broken")


def test_a_module_that_starts_threads_is_refused(folder: Path) -> None:
    with pytest.raises(UsageProblem, match="importing threaded starts threads"):
        started(folder, "0", modules="threaded")


def test_after_the_loaded_process_died_the_next_start_makes_another(folder: Path) -> None:
    child = started(folder, "0", "stay", log="one")
    said(folder, "one")
    loaded = int(Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[1])

    os.kill(loaded, signal.SIGKILL)

    assert until(lambda: not child.is_running)  # it dies with it
    assert child.poll() == -signal.SIGKILL
    assert until(lambda: not alive(loaded))
    assert started(folder, "5", log="two").wait(20) == 5


def test_none_outlives_a_killed_harness(folder: Path) -> None:
    harness = f"""
        import sys, time
        from pathlib import Path
        from harness.core.spawn import spawn_preloaded
        child = spawn_preloaded([sys.executable, "-m", "program", "0", "stay"], "loaded_before",
            log=Path({str(folder / "log")!r}), name="p", cwd=Path({str(folder)!r}), redact=lambda b: b)
        print(child.pid, flush=True); time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(harness)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    said(folder)
    loaded = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
    assert alive(child)
    assert alive(loaded)

    process.kill()
    process.wait()
    process.stdout.close()

    assert until(lambda: not alive(child))
    assert until(lambda: not alive(loaded))
