"""A whole run at depth standard on fifty operations, and the memory that scoring 100,000 exchanges takes."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from tests.bench.fuzzing import run_harness
from tests.bench.rows import Row

_EXCHANGES = 100_000
_MINUTES = 4
_MOST_MEGABYTES = 1024
_SCORE = """
import resource
import sys
from pathlib import Path
from harness.runner.finish import score_folder
score_folder(Path(sys.argv[1]))
unit = 1024 if sys.platform == "linux" else 1024 * 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
"""


def _multiplied(out: Path) -> None:
    """Repeat what was recorded under new ids until there is enough of it."""
    lines = (out / "exchanges.ndjson").read_text(encoding="utf-8").splitlines()
    recorded = [json.loads(line) for line in lines]
    with (out / "exchanges.ndjson").open("w", encoding="utf-8") as file:
        for number, item in enumerate(islice(cycle(recorded), _EXCHANGES)):
            file.write(json.dumps({**item, "id": f"{item['layer']}-{number}"}) + "\n")


def _megabytes_to_score(out: Path) -> float:
    """Score a run in a process of its own and return the most memory that it had."""
    ended = subprocess.run(
        [sys.executable, "-c", _SCORE, str(out)], check=True, capture_output=True, text=True
    )
    return float(ended.stdout)


def rows() -> Iterator[Row]:
    """Run, multiply, score."""
    with tempfile.TemporaryDirectory() as scratch:
        out, seconds = run_harness(Path(scratch))
        yield Row(
            name=f"whole run, 50 operations / {_MINUTES} minutes",
            unit="s",
            ours=seconds,
            yardstick=_MINUTES * 60,
            goal="< 1",
        )
        _multiplied(out)
        yield Row(
            name=f"scoring {_EXCHANGES:,} exchanges / 1 GiB",
            unit="MiB",
            ours=_megabytes_to_score(out),
            yardstick=_MOST_MEGABYTES,
            goal="< 1",
        )
