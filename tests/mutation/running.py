"""A pytest plug-in in the place of `mutmut run`'s last step: forks once per mutant, after collecting once.

mutmut makes the mutants, and knows which tests reach which function; it would start a whole pytest for each
mutant, ten times the cost of the tests themselves. Here each mutant is a fork of one collected session: it
runs the tests that reach it, the fastest first, and ends at the first failure, which it notes unformatted.
What becomes of it is written where mutmut keeps it.
"""

import gc
import json
import os
import resource
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation.trampoline import get_mutant_under_test, set_mutant_under_test

from tests.mutation.deaths import note

#: Names of mutants to run, one a line; set by `python -m tests.mutation`.
WANTED = "MUTATION_WANTED"
DEATHS = Path("deaths")
_AT_ONCE = 2
#: Processor seconds, which a busy machine does not shorten: many times what all the tests together take.
_CPU_SECONDS = 20
#: A mutant may also wait for ever.
_WALL_SECONDS = 300
#: A loop without end that gathers something must not fill the machine.
_BYTES = 2 << 30
_OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM}
_HOME = Path.cwd()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the wanted mutants in the place of the tests."""
    gc.freeze()  # or the forks would copy what they only look at
    stats = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))
    _Campaign(session.items, stats).run(Path(os.environ[WANTED]).read_text(encoding="utf-8").split())
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    """End with the first failure, before anybody spends time on showing it."""
    if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        note(_HOME / DEATHS, get_mutant_under_test(), item.nodeid, call.excinfo.value)
        os._exit(1)


class _Campaign:
    def __init__(self, items: Sequence[pytest.Item], stats: Mapping[str, Any]) -> None:
        self._items = {item.nodeid: item for item in items}
        self._tests: Mapping[str, Sequence[str]] = stats["tests_by_mangled_function_name"]
        self._seconds: Mapping[str, float] = stats["duration_by_test"]
        self._running: dict[int, str] = {}

    def run(self, names: Sequence[str]) -> None:
        """Run the mutants and note each as soon as it has ended."""
        for name in names:
            chosen = self._reaching(name)
            if not chosen:
                _note(name, 33)
                continue
            while len(self._running) >= _AT_ONCE:
                self._settle()
            self._start(name, chosen)
        while self._running:
            self._settle()

    def _reaching(self, name: str) -> list[pytest.Item]:
        reaching = [
            test for test in self._tests.get(name.partition("__mutmut_")[0], ()) if test in self._items
        ]
        return [self._items[test] for test in sorted(reaching, key=lambda test: (self._seconds[test], test))]

    def _start(self, name: str, chosen: Sequence[pytest.Item]) -> None:
        pid = os.fork()
        if pid:
            self._running[pid] = name
            return
        try:
            _try(name, chosen)
            code = 0
        except BaseException:  # noqa: BLE001 - the fork must not go on as if it were the parent
            code = 3
        os._exit(code)

    def _settle(self) -> None:
        """Wait for one of them to end; none lives longer than its limits."""
        pid, status = os.wait()
        _note(self._running.pop(pid), os.waitstatus_to_exitcode(status))


def _try(name: str, chosen: Sequence[pytest.Item]) -> None:
    limit = int(time.process_time()) + _CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 2))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    signal.alarm(_WALL_SECONDS)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    set_mutant_under_test(name)
    for item, following in pairwise([*chosen, None]):
        assert item is not None
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)


def _note(name: str, code: int) -> None:
    path = meta_of(name)
    record = json.loads(path.read_text(encoding="utf-8"))
    record["exit_code_by_key"][name] = -signal.SIGXCPU if code in _OUT_OF_TIME else code
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(record), encoding="utf-8")
    unfinished.replace(path)


def meta_of(name: str) -> Path:
    """Return mutmut's file about the module of a mutant, below its folder."""
    module = name.rpartition(".")[0]
    return Path(f"{module.replace('.', '/')}.py.meta")


def names_in(folder: Path, package: str) -> Iterator[tuple[str, int | None]]:
    """Return the mutants of a package with what is known of them."""
    for meta in sorted((folder / "harness" / package).rglob("*.meta")):
        yield from json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items()
