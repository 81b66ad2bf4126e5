"""`harness prove TARGET`: run the seeded defects and say caught, missed (and by whom) or error."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.command import Command
from harness.core.layer import Depth

if TYPE_CHECKING:
    from harness.proving.prove import Proof


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("target", help="a target file with a [defects] table")
    parser.add_argument("--defect", metavar="ID", action="append", default=[], help="only these (repeatable)")
    parser.add_argument("--family", default="", help="only this family")
    parser.add_argument("--depth", choices=[depth.value for depth in Depth], default=Depth.STANDARD.value)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--all-layers", action="store_true", help="run every layer, not only those that can see it"
    )
    parser.add_argument("--jobs", metavar="N", type=int, default=2, help="defects side by side (default: 2)")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the runs go (default: reports/prove)")
    parser.add_argument(
        "--publish", metavar="DIR", type=Path, help="write detection.json and .md here; a lost defect exits 6"
    )


def run(options: argparse.Namespace) -> int:
    """Prove and print; 0 when every defect was caught without a false alarm, else 1; 6 when one was lost."""
    import os  # noqa: PLC0415 - heavy imports inside the command

    from harness.catalogue.rubric import load_rubric  # noqa: PLC0415
    from harness.cli.progress import PlainProgress  # noqa: PLC0415
    from harness.core.errors import UsageProblem  # noqa: PLC0415
    from harness.plan.planner import Choice  # noqa: PLC0415
    from harness.proving.defects import chosen, load_defects  # noqa: PLC0415
    from harness.proving.prove import ProveOptions, Prover, prove_all  # noqa: PLC0415
    from harness.proving.publish import detection  # noqa: PLC0415
    from harness.target.file import load_target  # noqa: PLC0415

    target = load_target(options.target, os.environ)
    if target.defects is None:
        raise UsageProblem(
            f"{options.target}: the target names no defects of its own",
            remedy='add [defects] with env = "..." and catalogue = "..."',
        )
    defects = chosen(load_defects(Path(target.defects.catalogue)), options.defect, options.family)
    out = options.out or Path("reports/prove")
    out.mkdir(parents=True, exist_ok=True)
    prover = Prover(
        ProveOptions(
            target_file=options.target,
            switch=target.defects.env,
            choice=Choice(depth=Depth(options.depth), seed=options.seed),
            out=out,
            all_layers=options.all_layers,
        ),
        PlainProgress(quiet=True),
    )
    proofs = prove_all(prover, defects, out / "proofs.ndjson", _tell, jobs=options.jobs)
    record = detection(proofs, rubric=load_rubric().version, depth=options.depth)
    lost = _publish(record, options.publish) if options.publish else ()
    return _conclude(record["all"], lost)


def _tell(proof: "Proof") -> None:
    """Print one line per defect as it is proven."""
    alarms = proof.twin_alarms
    twin = "" if alarms is None else ("  twin FALSE ALARM" if alarms else "  twin clean")
    seen = proof.attribution
    print(
        f"{proof.defect.id:32} {seen.cell.value:19} {','.join(seen.layers):17} "
        f"{proof.area.value} {proof.low_before:.2f} -> {proof.low_after:.2f} {proof.seconds:.0f} s{twin}",
        flush=True,
    )


def _publish(record: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Write the matrix and return what the landed one caught and this one does not."""
    import json  # noqa: PLC0415 - heavy imports inside the command

    from harness.proving.publish import markdown, regressions  # noqa: PLC0415

    landed = folder / "detection.json"
    before = json.loads(landed.read_text(encoding="utf-8")) if landed.is_file() else {}
    folder.mkdir(parents=True, exist_ok=True)
    landed.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (folder / "detection.md").write_text(markdown(record), encoding="utf-8")
    return regressions(before, record)


def _conclude(everything: Mapping[str, Any], lost: tuple[str, ...]) -> int:
    if lost:
        print(f"exit 6: no longer caught: {', '.join(lost)}")
        return 6
    code = 0 if everything["caught"] == everything["defects"] and not everything["false_alarms"] else 1
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
