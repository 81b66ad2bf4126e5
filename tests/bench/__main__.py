"""`python -m tests.bench [ROW...]`: everything is measured beside its yardstick, in the same run."""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping

from tests.bench import fuzzing, micro, pact, whole
from tests.bench.rows import HEAD, Row

GROUPS: Mapping[str, Callable[[], Iterator[Row]]] = {
    "micro": micro.rows,
    "pact": pact.rows,
    "fuzz": fuzzing.rows,
    "whole": whole.rows,
}


def main() -> None:
    """Print one row per benchmark, and how busy the machine was."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], help="only these")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(HEAD)
    for name in parser.parse_args().groups or GROUPS:
        for row in GROUPS[name]():
            print(row, flush=True)


if __name__ == "__main__":
    main()
