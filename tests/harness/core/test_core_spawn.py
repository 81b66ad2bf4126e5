"""Children of the harness: their logs, their limits and that none outlives it."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from harness.core.errors import HarnessFault
from harness.core.spawn import run_tool, spawn
from tests.harness.core.watching import alive, until


def plain(data: bytes) -> bytes:
    return data


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-E", "-u", "-c", textwrap.dedent(code)]


def test_output_goes_through_redaction_into_the_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "tool.log"

    end = run_tool(
        python("import sys; print('the pass is hunter2'); print('bad', file=sys.stderr)"),
        seconds=20,
        log=log,
        name="tool",
        redact=lambda line: line.replace(b"hunter2", b"<gone>"),
    )

    assert end.exit_code == 0
    assert set(log.read_text().splitlines()) == {"the pass is <gone>", "bad"}


def test_variables_that_change_a_child_are_not_inherited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--alluredir=x")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    log = tmp_path / "env.log"

    run_tool(
        [sys.executable, "-c", "import os; print(*sorted(os.environ))"],
        seconds=20,
        log=log,
        name="env",
        env={"ADDED": "1"},
        redact=plain,
    )

    names = log.read_text().split()
    assert "ADDED" in names
    assert "PYTEST_ADDOPTS" not in names
    assert "PYTHONDONTWRITEBYTECODE" not in names


def test_a_tool_over_its_limit_is_stopped_with_its_children(tmp_path: Path) -> None:
    log = tmp_path / "slow.log"
    code = """
        import subprocess, sys, time
        p = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
        print(p.pid); time.sleep(60)
    """

    end = run_tool(python(code), seconds=1.0, log=log, name="slow", redact=plain, grace=2)

    assert end.timed_out
    assert end.seconds < 10
    assert until(lambda: not alive(int(log.read_text().split()[0])))


def test_a_child_that_ignores_int_and_term_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    code = """
        import signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("deaf", flush=True); time.sleep(60)
    """
    child = spawn(python(code), log=log, name="deaf", redact=plain)
    assert until(lambda: log.exists() and "deaf" in log.read_text())

    code_of_end = child.stop(grace=0.2)

    assert code_of_end == -signal.SIGKILL
    assert not child.is_running


def test_a_paused_child_stands_still_and_can_be_stopped(tmp_path: Path) -> None:
    child = spawn(python("import time; time.sleep(60)"), log=tmp_path / "p.log", name="p", redact=plain)

    child.pause()

    def state() -> str:
        return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0]

    assert until(lambda: state() == "T")
    child.resume()
    assert until(lambda: state() != "T")
    child.pause()
    child.stop(grace=2)
    assert not child.is_running


def test_a_missing_program_is_a_fault_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(HarnessFault, match="no-such-program"):
        spawn(["no-such-program"], log=tmp_path / "x.log", name="x", redact=plain)


def test_input_is_fed_and_closed(tmp_path: Path) -> None:
    log = tmp_path / "cat.log"

    child = spawn(["cat"], log=log, name="cat", redact=plain, feed=b"one\ntwo\n")

    assert child.wait(10) == 0
    assert log.read_text() == "one\ntwo\n"


def test_no_child_and_no_grandchild_outlives_a_killed_harness(tmp_path: Path) -> None:
    harness = f"""
        import subprocess, sys, time, threading
        from pathlib import Path
        from harness.core.spawn import spawn
        code = "import subprocess,sys,time;" \\
               "p=subprocess.Popen([sys.executable,'-S','-c','import time;time.sleep(60)']);" \\
               "print(p.pid,flush=True);time.sleep(60)"
        out = []
        start = lambda: out.append(spawn([sys.executable, "-S", "-u", "-c", code],
                                         log=Path({str(tmp_path / "c.log")!r}), name="c", redact=lambda b: b))
        thread = threading.Thread(target=start); thread.start(); thread.join()
        time.sleep(0.5)
        print(out[0].pid, out[0].poll(), flush=True); time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(harness)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    child, code = process.stdout.readline().split()
    assert code == "None"  # it outlived the thread that asked for it
    assert until(lambda: (tmp_path / "c.log").read_text().strip() != "")
    grandchild = int((tmp_path / "c.log").read_text().split()[0])
    assert alive(int(child))
    assert alive(grandchild)

    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert until(lambda: not alive(int(child)))
    assert until(lambda: not alive(grandchild))


def test_a_promised_command_runs_when_the_harness_is_killed_and_not_when_taken_back(tmp_path: Path) -> None:
    harness = f"""
        import time
        from harness.core.spawn import at_loss
        at_loss(["touch", {str(tmp_path / "kept")!r}])
        at_loss(["touch", {str(tmp_path / "taken-back")!r}])()
        print("up", flush=True); time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(harness)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"

    process.kill()
    process.wait()
    process.stdout.close()

    assert until((tmp_path / "kept").exists)
    assert not (tmp_path / "taken-back").exists()


def test_ctrl_c_stops_the_tool_and_is_reported(tmp_path: Path) -> None:
    harness = f"""
        from pathlib import Path
        from harness.core.spawn import run_tool
        import signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & has it ignored
        code = "import time; print('up'); time.sleep(60)"
        end = run_tool([sys.executable, "-S", "-u", "-c", code], seconds=30,
                       log=Path({str(tmp_path / "t.log")!r}), name="t", redact=lambda b: b)
        print(end.interrupted, flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(harness)], stdout=subprocess.PIPE, text=True
    )
    assert until(lambda: (tmp_path / "t.log").exists() and "up" in (tmp_path / "t.log").read_text())

    process.send_signal(signal.SIGINT)

    assert process.communicate(timeout=15)[0].strip() == "True"
