"""`python -m tests.field`: runs the harness on all twins and strangers, and writes the table.

A run that is there already is not made again, so that an interrupted trial goes on; `--table` only writes.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.field import strangers
from tests.field.catalogue import HOME, SERVICES
from tests.field.environments import build, cache_folder
from tests.field.running import run
from tests.field.table import all_detections, rows
from tests.field.writing import write

#: A defect alone is looked for by the scenarios and what judges read in their traffic; whole runs are made of
#: the dozen together.
ALONE = ("--layer", "scenarios")


def drawn() -> dict[str, list[str]]:
    """Return the recorded drawing."""
    found: dict[str, list[str]] = yaml.safe_load((HOME / "drawn.yaml").read_text(encoding="utf-8"))
    return found


def trial(
    service: str, defects: Sequence[str], runs: Path, *, one_by_one: bool, alone: Sequence[str] = ()
) -> None:
    """Run the sound twin, the one with the dozen, and each defect by itself."""
    environment = build(HOME / service, cache_folder())
    target = HOME / service / "target.toml"
    run(target, environment, runs / service / "sound")
    run(target, environment, runs / service / "all", defects=",".join(defects))
    for defect in alone or (defects if one_by_one else ()):
        run(target, environment, runs / service / "one" / defect, defects=defect, extra=ALONE)


def main() -> None:
    """Read the flags, run, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.field", description=__doc__)
    parser.add_argument(
        "-r", "--runs", type=Path, default=Path("reports/field"), help="where run folders are kept"
    )
    parser.add_argument("--service", action="append", choices=[*SERVICES, "strangers"], help="only these")
    parser.add_argument("--together-only", action="store_true", help="no run for each defect by itself")
    parser.add_argument(
        "--alone", action="append", default=[], help="of all defects, only these by themselves"
    )
    parser.add_argument("-t", "--table", action="store_true", help="write the table from the runs there are")
    chosen = parser.parse_args()
    wanted = () if chosen.table else chosen.service or (*SERVICES, "strangers")
    for service in wanted:
        if service == "strangers":
            for name in strangers.names():
                strangers.trial(name, chosen.runs)
        else:
            alone = [item for item in chosen.alone if item in drawn()[service]]
            is_whole = not chosen.together_only and not chosen.alone
            trial(service, drawn()[service], chosen.runs, one_by_one=is_whole, alone=alone)
    for file in write(rows(chosen.runs), all_detections(chosen.runs, drawn()), chosen.runs):
        print(file)


if __name__ == "__main__":
    main()
