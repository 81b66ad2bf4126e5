"""`python -m tests.mutation [scoring] [judges] [core]`: mutates, runs and publishes; by default all three.

Mutants whose function and tests are as they were keep their result; `--again` tries those that lived once
more, after new tests. `--publish-only` reads what is there. Exits 1 when a rate is too low, a survivor has no
reason, or a mutant was not run.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.publishing import LEAST_KILLED, rate, to_json, to_markdown
from tests.mutation.results import LIVING, PACKAGES, End, Mutant, end_of, explained, read, reasons, unmeasured

ROOT = Path(__file__).parents[2]
MUTANTS = ROOT / "mutants"
PUBLISHED = ROOT / "reports" / "published"
#: mutmut makes and maps all mutants before it runs those it was asked for: a few will do.
_A_FEW = "harness.core.figures.*"
_ARGUMENTS = ("--rootdir=.", "-q", "-s", "--assert=plain", "-p", "tests.mutation.running")


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("packages", nargs="*", help=f"of {', '.join(PACKAGES)}; all by default")
    parser.add_argument("--again", action="store_true", help="try once more those that lived or timed out")
    parser.add_argument("--publish-only", action="store_true", help="run nothing, publish what is there")
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.packages) - set(PACKAGES)):
        parser.error(f"no such package: {', '.join(unknown)}")
    if not asked.publish_only:
        _prepare()
        for package in asked.packages or PACKAGES:
            _run(package, again=asked.again)
    mutants = explained(read(MUTANTS, _difference), reasons())
    record = to_json(mutants, tuple(unmeasured(ROOT, MUTANTS)))
    (PUBLISHED / "mutation.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (PUBLISHED / "mutation.md").write_text(to_markdown(record), "utf-8")
    print(json.dumps({**record["packages"], "all": record["all"]}, indent=1))
    return _judge(mutants)


def _prepare() -> None:
    """Have mutmut write the mutants and find out which tests reach them."""
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "2", _A_FEW]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0"}, check=True)


def _run(package: str, *, again: bool) -> None:
    from tests.mutation.running import WANTED, names_in

    open_ = {End.NOT_RUN, *((*LIVING, End.TIMEOUT) if again else ())}
    names = [
        name for name, code in names_in(MUTANTS, package) if end_of(name, code, MUTANTS / "deaths") in open_
    ]
    print(f"{package}: {len(names)} mutants to run", flush=True)
    wanted = MUTANTS / "wanted"
    wanted.write_text("\n".join(names), encoding="utf-8")
    environment = {**os.environ, "PYTHONHASHSEED": "0", "MUTANT_UNDER_TEST": "", WANTED: str(wanted)}
    command = [sys.executable, "-m", "pytest", *_ARGUMENTS, *_pytest_arguments()]
    subprocess.run(command, cwd=MUTANTS, env=environment, check=True)


def _pytest_arguments() -> list[str]:
    from mutmut.configuration import config

    return [*config().pytest_add_cli_args, *config().pytest_add_cli_args_test_selection]


def _difference(name: str, source: Path) -> str:
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    return get_diff_for_mutant(name, path=source)


def _judge(mutants: Sequence[Mutant]) -> int:
    low = [
        name
        for name in PACKAGES
        if rate([mutant for mutant in mutants if mutant.package == name]) < LEAST_KILLED
    ]
    bare = [item.name for item in mutants if item.end in LIVING and not item.reason]
    missing = [item.name for item in mutants if item.end is End.NOT_RUN]
    for title, names in (("rate too low", low), ("no reason given", bare), ("not run", missing)):
        if names:
            print(f"{title}: {len(names)}: {', '.join(names[:5])}", file=sys.stderr)
    return 1 if low or bare or missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
