"""Keeps what runs leave for later runs: a line each in one file, and a copy in the run folder as evidence.

Reports show earlier runs from the copy, so that a run folder scored again, anywhere, makes the same bytes.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.core.errors import HarnessFault
from harness.core.history import Entry, entry_from_json, entry_to_json
from harness.core.maturity import ScoredRun
from harness.core.run import RunRecord
from harness.evidence.lines import LineWriter, read_lines
from harness.evidence.store import RunFolder
from harness.scoring.movement import entry_of

#: As many earlier runs a report shows; only the last of them with all its subjects.
_MOST_KEPT = 40


def may_be_remembered(run: RunRecord) -> bool:
    """Whether a run says something about its whole target; a partial or a torn one would only mislead."""
    return run.is_complete and not run.is_partial


def earlier_runs(file: Path, target: str) -> tuple[Entry, ...]:
    """Return the remembered runs of a target, oldest first; lines that a crash tore are left out."""
    found = []
    for line in read_lines(file):
        if line.get("target") != target:
            continue
        try:
            found.append(entry_from_json(line))
        except (KeyError, TypeError, ValueError):
            continue  # written by another version: it cannot be compared, and the file is only a memory
    return tuple(sorted(found, key=lambda entry: (entry.started, entry.run)))


def keep_copy(folder: RunFolder, run: RunRecord, file: Path) -> None:
    """Put the earlier runs of the target into the run folder."""
    if not may_be_remembered(run):
        return
    earlier = [entry for entry in earlier_runs(file, run.target) if entry.run != run.id][-_MOST_KEPT:]
    kept = [*(replace(entry, cells={}) for entry in earlier[:-1]), *earlier[-1:]]
    folder.write_history({"entries": [entry_to_json(entry) for entry in kept]})


def read_copy(folder: RunFolder) -> Sequence[Entry]:
    """Return the earlier runs that the folder keeps; raises HarnessFault when the copy is damaged."""
    record = folder.read_history()
    try:
        return tuple(entry_from_json(item) for item in record.get("entries", ()))
    except (KeyError, TypeError, ValueError) as problem:
        raise HarnessFault(
            f"{folder.history_json}: a record of another shape ({type(problem).__name__}: {problem})",
            remedy="remove the file: the run is scored without earlier ones then",
        ) from problem


def remember(scored: ScoredRun, file: Path) -> None:
    """Append a complete run to the history; one write, so that a kill leaves a whole line or none."""
    if not may_be_remembered(scored.run):
        return
    try:
        writer = LineWriter(file)
        writer.append(entry_to_json(entry_of(scored.run, scored.maturity, scored.verdict)))
        writer.close()
    except OSError as problem:
        raise HarnessFault(
            f"the run is whole, but {file} cannot be written: {problem.strerror}",
            remedy="name another file with --history; the reports are in the run folder",
        ) from problem
