"""Writes the table of the trial as JSON and as Markdown."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.field.draw import DRAWS, Draw
from tests.field.judged import Word
from tests.field.table import Detection, Row


def write(rows: Sequence[Row], found: Sequence[Detection], folder: Path) -> tuple[Path, Path]:
    """Write table.json and table.md; return both."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json = {"rows": [asdict(item) for item in rows], "detections": [asdict(item) for item in found]}
    (folder / "table.json").write_text(json.dumps(as_json, indent=1) + "\n", encoding="utf-8")
    (folder / "table.md").write_text(markdown(rows, found), encoding="utf-8")
    return folder / "table.json", folder / "table.md"


def markdown(rows: Sequence[Row], found: Sequence[Detection]) -> str:
    """Return both tables as text."""
    words = " | ".join([*Word, "one by one"])
    lines = [
        f"| service | run | requirements | subjects | inconclusive | fails | {words} | seconds | exit |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for item in rows:
        words = " | ".join(str(item.words[word]) for word in Word)
        lines.append(
            f"| {item.service} | {item.run} | {item.requirements} | {item.subjects} | {item.inconclusive}"
            f" | {item.fails} | {words} | {item.one_by_one} | {item.seconds:.0f} | {item.exit_code} |"
        )
    sound = [item for item in rows if item.run not in {each.run for each in DRAWS}]
    lines += ["", _false_alarms(sound), _ways(sound)]
    for draw in DRAWS:
        lines += _drawing(draw, [item for item in found if item.draw == draw.run])
    lines += ["", f"Over all drawings: {_share(found)}."] if found else []
    return "\n".join(lines) + "\n"


def _false_alarms(sound: Sequence[Row]) -> str:
    fails, false = sum(item.fails for item in sound), sum(item.words[Word.FALSE] for item in sound)
    share = f"{100 * false / fails:.1f} %" if fails else "none"
    return f"False alarms on sound twins and strangers: {false} of {fails} reported fails, {share}."


def _ways(sound: Sequence[Row]) -> str:
    fails, alone = sum(item.fails for item in sound), sum(item.one_by_one for item in sound)
    unjudged = sum(item.words[Word.OPEN] for item in sound)
    by_row = fails - alone - unjudged
    return f"Judged one by one: {alone} of {fails}; by a row: {by_row}; not judged: {unjudged}."


def _drawing(draw: Draw, found: Sequence[Detection]) -> list[str]:
    if not found:
        return []
    missed = [f"{item.service}: {item.defect}" for item in found if not (item.alone or item.together)]
    return [
        "",
        f"The drawing of seed {draw.seed}, run `{draw.run}`:",
        "",
        "| service | known defect | found alone by | found among the dozen by | also failed |",
        "|---|---|---|---|---|",
        *(_detection(item) for item in found),
        "",
        f"Known defects found: {_share(found)}.",
        f"Missed: {', '.join(missed) or 'none'}.",
    ]


def _share(found: Sequence[Detection]) -> str:
    caught = sum(bool(item.alone or item.together) for item in found)
    return f"{caught} of {len(found)}, {100 * caught / len(found):.1f} %"


def _detection(item: Detection) -> str:
    alone = ", ".join(item.alone) or ("**missed**" if item.was_run_alone else "not run")
    together = ", ".join(item.together) or "**missed**"
    return f"| {item.service} | {item.defect} | {alone} | {together} | {', '.join(item.also)} |"
