"""`harness prove TARGET`: run the seeded defects and say caught, missed (and by whom) or error."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.command import Command
from harness.core.layer import Depth

if TYPE_CHECKING:
    from harness.core.maturity import ScoredRun
    from harness.proving.defects import Defect
    from harness.proving.dose import Draw
    from harness.proving.proof import Proof
    from harness.proving.prove import ProveOptions, Prover
    from harness.proving.session import Session


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("target", help="a target file with a [defects] table")
    parser.add_argument("--defect", metavar="ID", action="append", default=[], help="only these (repeatable)")
    parser.add_argument("--family", default="", help="only this family")
    parser.add_argument(
        "--depth",
        choices=[depth.value for depth in Depth],
        default=Depth.QUICK.value,
        help="dig at least so deep; a defect that needs more gets more (default: quick)",
    )
    parser.add_argument("--seed", type=int, default=1)
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--quick", action="store_true", help="the catalogue's quick rows, only the checks of what they break"
    )
    how.add_argument(
        "--scope",
        choices=["checks", "layers", "all"],
        default="layers",
        help="what a defect is shown: the checks of what it breaks, their whole layers (default), everything",
    )
    how.add_argument(
        "--clean-runs",
        metavar="N",
        type=int,
        default=0,
        help="run the clean target N times, count false fails",
    )
    how.add_argument(
        "--dose-response",
        metavar="N",
        type=int,
        default=0,
        help="draw N times 1, 2, 4 and 8 defects, switch them on together, and plot the score",
    )
    parser.add_argument("--jobs", metavar="N", type=int, default=2, help="defects side by side (default: 2)")
    parser.add_argument(
        "--out", metavar="DIR", type=Path,
        help="where the session is kept; one that was cut short goes on (default: under reports/prove)",
    )  # fmt: skip
    parser.add_argument(
        "--ratchet",
        metavar="FILE",
        type=Path,
        help="a landed detection.json; a defect lost since, on a second look, too, exits 6",
    )
    parser.add_argument(
        "--publish", metavar="DIR", type=Path, help="write detection.json and .md here; a lost defect exits 6"
    )


def run(options: argparse.Namespace) -> int:
    """Prove and print; 0 when every defect was caught without a false alarm, else 1; 6 when one was lost."""
    import os  # noqa: PLC0415 - heavy imports inside the command

    from harness.catalogue.rubric import load_rubric  # noqa: PLC0415
    from harness.core.errors import UsageProblem  # noqa: PLC0415
    from harness.proving.defects import chosen, load_defects  # noqa: PLC0415
    from harness.proving.prove import ProveOptions, Scope, prove_again, prove_all  # noqa: PLC0415
    from harness.proving.publish import detection  # noqa: PLC0415
    from harness.target.file import load_target  # noqa: PLC0415

    target = load_target(options.target, os.environ)
    if target.defects is None:
        raise UsageProblem(
            f"{options.target}: the target names no defects of its own",
            remedy='add [defects] with env = "..." and catalogue = "..."',
        )
    catalogue = Path(target.defects.catalogue)
    defects = chosen(load_defects(catalogue), options.defect, options.family, only_quick=options.quick)
    scope = Scope.CHECKS if options.quick else Scope(options.scope)
    how = ProveOptions(
        target_file=options.target,
        profile=target.profile.value,
        switch=target.defects.env,
        seed=options.seed,
        scope=scope,
        depth=Depth(options.depth),
    )
    if options.clean_runs:
        return _clean_runs(how, options)
    if options.dose_response:
        return _dose_response(how, defects, options)
    with _prover(how, defects, options) as (prover, session):
        tell = _teller(len(defects))
        proofs = prove_all(prover, defects, session, tell, jobs=options.jobs)
        record = detection(proofs, rubric=load_rubric().version, scope=scope.value, depth=options.depth)
        if options.ratchet and (doubted := _doubted(record, options)):
            print(f"once more, by themselves: {', '.join(sorted(doubted))}", flush=True)
            again = [item for item in defects if item.id in doubted]
            proofs = prove_again(prover, again, proofs, session, tell)
            record = detection(proofs, rubric=load_rubric().version, scope=scope.value, depth=options.depth)
    lost = _lost(record, options)
    if options.publish:
        _publish(record, options.publish)
    return _conclude(record["all"], lost, has_to_catch_all=not options.ratchet)


@contextmanager
def _prover(
    how: "ProveOptions", defects: "Sequence[Defect]", options: argparse.Namespace
) -> "Iterator[tuple[Prover, Session]]":
    import harness  # noqa: PLC0415 - heavy imports inside the command
    from harness.cli.progress import PlainProgress  # noqa: PLC0415
    from harness.core.resources import resource  # noqa: PLC0415
    from harness.proving.prove import Prover  # noqa: PLC0415
    from harness.proving.session import Session, session_key  # noqa: PLC0415

    code = (Path(place) for place in harness.__path__)
    files = [
        *(file for place in code for file in place.rglob("*.py")),
        *(file for folder in ("contracts", "scenarios") for file in _texts(resource(folder))),
        Path(options.target),
    ]
    key = session_key(files, {"scope": how.scope.value, "depth": how.depth.value, "seed": how.seed})
    session = Session(options.out or Path("reports/prove") / how.scope.value, key)
    with Prover(how, defects, session, PlainProgress(quiet=True)) as prover:
        yield prover, session


def _clean_runs(how: "ProveOptions", options: argparse.Namespace) -> int:
    from harness.proving.false_alarms import clean_runs  # noqa: PLC0415 - heavy imports inside the command
    from harness.proving.prove import Conditions  # noqa: PLC0415

    with _prover(how, [], options) as (prover, _):

        def measure(seed: int) -> "ScoredRun":
            scored = prover.run(Conditions(layers=(), depth=how.depth, seed=seed), f"clean-seed-{seed}")
            print(f"{seed}/{options.clean_runs} {scored.verdict.reason}", flush=True)
            return scored

        record = clean_runs(range(1, options.clean_runs + 1), measure)
    _write(record, options.publish, "clean-runs.json")
    false, judged = record["false_fails"], record["subjects_judged"]
    print(
        f"exit {int(bool(false))}: {false} false fails of {judged} judged subjects in {record['runs']} runs"
    )
    return int(bool(false))


def _dose_response(how: "ProveOptions", defects: "Sequence[Defect]", options: argparse.Namespace) -> int:
    from harness.proving.dose import draws, respond  # noqa: PLC0415 - heavy imports inside the command
    from harness.proving.prove import Conditions  # noqa: PLC0415
    from harness.reporting.dose_plot import dose_file  # noqa: PLC0415

    conditions = Conditions(layers=(), depth=how.depth)
    with _prover(how, defects, options) as (prover, _):

        def measure(draw: "Draw") -> "ScoredRun":
            switched_on = ",".join(draw.defects)
            scored = prover.run(conditions, f"dose-{draw.number}-{draw.dose}", switched_on=switched_on)
            print(f"draw {draw.number}, {draw.dose} defects: {switched_on}", flush=True)
            return scored

        clean = prover.run(conditions, "dose-clean")
        record = respond(draws(defects, seed=how.seed, times=options.dose_response), clean, measure)
    _write(record, options.publish, "dose-response.json")
    if options.publish:
        (options.publish / "dose-response.svg").write_text(dose_file(record), encoding="utf-8")
    code = 0 if record["is_monotone"] else 1
    means = ", ".join(f"{dose}: {mean}" for dose, mean in record["means"].items())
    print(f"exit {code}: mean L by number of defects {means}")
    return code


def _write(record: Mapping[str, Any], folder: Path | None, name: str) -> None:
    import json  # noqa: PLC0415 - heavy imports inside the command

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")


def _texts(folder: Path) -> "Sequence[Path]":
    kinds = {".py", ".yaml", ".toml", ".json", ".graphql"}
    return [file for file in folder.rglob("*") if file.suffix in kinds]


def _teller(number: int) -> "Callable[[Proof], None]":
    """Return what prints one line per defect as it is proven."""
    told: list[str] = []

    def tell(proof: "Proof") -> None:
        told.append(proof.defect)
        alarms, seen = proof.twin_alarms, proof.attribution
        twin = "" if alarms is None else ("  twin FALSE ALARM" if alarms else "  twin clean")
        lows = "" if proof.low_before is None else f" {proof.low_before:.2f} -> {proof.low_after:.2f}"
        print(
            f"{len(told):3}/{number} {proof.defect:36} {seen.cell.value:19} {','.join(seen.layers):17} "
            f"{proof.area.value}{lows} {proof.seconds:.0f} s{twin}",
            flush=True,
        )

    return tell


def _doubted(record: Mapping[str, Any], options: argparse.Namespace) -> frozenset[str]:
    """Return what was lost or raised a false alarm: a busy moment of the machine is no lost check."""
    alarmed = (row["id"] for row in record["defects"] if row["twin"])
    return frozenset(_lost(record, options)).union(alarmed)


def _lost(record: Mapping[str, Any], options: argparse.Namespace) -> tuple[str, ...]:
    """Return what the landed matrix caught and this one does not."""
    import json  # noqa: PLC0415 - heavy imports inside the command

    from harness.proving.publish import regressions  # noqa: PLC0415

    landed = options.ratchet or (options.publish / "detection.json" if options.publish else None)
    if landed is None or not landed.is_file():
        return ()
    return regressions(json.loads(landed.read_text(encoding="utf-8")), record)


def _publish(record: Mapping[str, Any], folder: Path) -> None:
    from harness.proving.publish import markdown  # noqa: PLC0415 - heavy imports inside the command

    _write(record, folder, "detection.json")
    (folder / "detection.md").write_text(markdown(record), encoding="utf-8")


def _conclude(everything: Mapping[str, Any], lost: tuple[str, ...], *, has_to_catch_all: bool) -> int:
    if lost:
        print(f"exit 6: no longer caught: {', '.join(lost)}")
        return 6
    is_good = everything["caught"] == everything["defects"] or not has_to_catch_all
    code = 0 if is_good and not everything["false_alarms"] else 1
    print(
        f"exit {code}: {everything['caught']} of {everything['defects']} defects caught, "
        f"{everything['false_alarms']} false alarms on {everything['twins']} clean twins"
    )
    return code


COMMAND = Command(
    name="prove",
    summary="run the seeded defects and publish the detection matrix",
    arguments=arguments,
    run=run,
)
