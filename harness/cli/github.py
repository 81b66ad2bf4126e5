"""What GitHub Actions gets of a run: annotations in the log and the step's summary."""

from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from harness.core.maturity import ScoredRun
from harness.reporting.annotations import annotations
from harness.reporting.summary import MOST_BYTES, render


def tell_github(scored: ScoredRun, environ: Mapping[str, str], stream: TextIO) -> None:
    """Annotate and add to the step summary; outside GitHub Actions nothing happens.

    A summary that would no longer fit beside what the step already wrote is left out and said so: GitHub
    drops all of it when it is too long.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    for line in annotations(scored):
        print(line, file=stream)
    if not (named := environ.get("GITHUB_STEP_SUMMARY")):
        return
    file = Path(named)
    (content,) = render(scored).values()
    already = file.stat().st_size if file.exists() else 0
    if already + len(content) > MOST_BYTES:
        print("::notice title=CORE Harness::the step summary is full; see summary.md", file=stream)
        return
    with file.open("ab") as summary:
        summary.write(content)
