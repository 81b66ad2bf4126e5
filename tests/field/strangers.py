"""The services that none of us wrote: `python -m tests.field.strangers [NAME...]` runs the harness on them.

Each is set up in its own environment by its pinned list, and started and stopped by the harness itself.
"""

import argparse
from pathlib import Path

from tests.field.catalogue import HOME
from tests.field.environments import build, cache_folder
from tests.field.running import run

FOLDER = HOME / "strangers"


def names() -> tuple[str, ...]:
    """Return the services there are."""
    return tuple(sorted(item.name for item in FOLDER.iterdir() if (item / "target.toml").is_file()))


def trial(name: str, runs: Path) -> None:
    """Run the harness on one of them as it is released."""
    environment = build(FOLDER / name, cache_folder() / "strangers")
    run(FOLDER / name / "target.toml", environment, runs / "strangers" / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=names(), choices=[*names(), []])
    parser.add_argument("-r", "--runs", type=Path, default=Path("reports/field"))
    chosen = parser.parse_args()
    for each in chosen.names or names():
        trial(each, chosen.runs)
