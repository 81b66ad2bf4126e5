"""`python -m tests.field`: runs the harness on all twins and strangers, and writes the table.

A run that is there already is not made again, so that an interrupted trial goes on; `--table` only writes.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.field import strangers
from tests.field.catalogue import HOME, SERVICES
from tests.field.draw import DRAWS, FIRST, Draw
from tests.field.environments import build, cache_folder
from tests.field.running import run
from tests.field.table import all_detections, rows
from tests.field.writing import write

#: A defect alone is looked for by the scenarios and what judges read in their traffic; whole runs are made of
#: the dozen together.
ALONE = ("--layer", "scenarios")


def drawn() -> Mapping[str, Sequence[str]]:
    """Return the first recorded drawing."""
    return FIRST.drawn()


def trial(
    service: str, draws: Sequence[Draw], runs: Path, *, one_by_one: bool, alone: Sequence[str] = ()
) -> None:
    """Run the sound twin, those with a dozen each, and each defect by itself."""
    environment = build(HOME / service, cache_folder())
    target = HOME / service / "target.toml"
    run(target, environment, runs / service / "sound")
    for each in draws:
        defects = each.drawn()[service]
        run(target, environment, runs / service / each.run, defects=",".join(defects))
        for defect in defects if one_by_one else [item for item in alone if item in defects]:
            run(target, environment, runs / service / "one" / defect, defects=defect, extra=ALONE)


def main() -> None:
    """Read the flags, run, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.field", description=__doc__)
    parser.add_argument(
        "-r", "--runs", type=Path, default=Path("reports/field"), help="where run folders are kept"
    )
    parser.add_argument("--service", action="append", choices=[*SERVICES, "strangers"], help="only these")
    parser.add_argument(
        "--draw", action="append", choices=[each.run for each in DRAWS], help="only of these drawings"
    )
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
            draws = [each for each in DRAWS if each.run in (chosen.draw or [each.run])]
            is_whole = not chosen.together_only and not chosen.alone
            trial(service, draws, chosen.runs, one_by_one=is_whole, alone=chosen.alone)
    for file in write(rows(chosen.runs), all_detections(chosen.runs), chosen.runs):
        print(file)


if __name__ == "__main__":
    main()
