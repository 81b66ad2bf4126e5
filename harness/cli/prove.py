"""`harness prove TARGET`: run the seeded defects and say caught, missed (and by whom) or error."""

import argparse
from pathlib import Path

from harness.cli.command import Command
from harness.core.layer import Depth


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
    import json  # noqa: PLC0415 - heavy imports inside the command
    import os  # noqa: PLC0415

    from harness.catalogue.rubric import load_rubric  # noqa: PLC0415
    from harness.cli.progress import PlainProgress  # noqa: PLC0415
    from harness.core.errors import UsageProblem  # noqa: PLC0415
    from harness.plan.planner import Choice  # noqa: PLC0415
    from harness.proving.defects import chosen, load_defects  # noqa: PLC0415
    from harness.proving.prove import Proof, ProveOptions, Prover, prove_all  # noqa: PLC0415
    from harness.proving.publish import detection, markdown, regressions  # noqa: PLC0415
    from harness.target.file import load_target  # noqa: PLC0415

    target = load_target(options.target, os.environ)
    out = options.out or Path("reports/prove")
    out.mkdir(parents=True, exist_ok=True)
    prover = Prover(
        ProveOptions(
            target_file=options.target,
            target=target,
            choice=Choice(depth=Depth(options.depth), seed=options.seed),
            out=out,
            all_layers=options.all_layers,
        ),
        PlainProgress(quiet=True),
    )
    if target.defects is None:
        raise UsageProblem(f"{options.target}: no [defects] table")
    defects = chosen(load_defects(Path(target.defects.catalogue)), options.defect, options.family)

    def tell(proof: Proof) -> None:
        twin = (
            ""
            if proof.twin_alarms is None
            else ("  twin clean" if not proof.twin_alarms else "  twin FALSE ALARM")
        )
        print(
            f"{proof.defect.id:32} {proof.attribution.cell.value:19} {','.join(proof.attribution.layers):17} "
            f"{proof.area.value} {proof.low_before:.2f} -> {proof.low_after:.2f} {proof.seconds:.0f} s{twin}",
            flush=True,
        )

    proofs = prove_all(prover, defects, out / "proofs.ndjson", tell, jobs=options.jobs)
    record = detection(proofs, rubric=load_rubric().version, depth=options.depth)
    lost: tuple[str, ...] = ()
    if options.publish:
        landed = options.publish / "detection.json"
        if landed.is_file():
            lost = regressions(json.loads(landed.read_text(encoding="utf-8")), record)
        options.publish.mkdir(parents=True, exist_ok=True)
        landed.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        (options.publish / "detection.md").write_text(markdown(record), encoding="utf-8")
    if lost:
        print(f"exit 6: no longer caught: {', '.join(lost)}")
        return 6
    everything = record["all"]
    clean = everything["caught"] == everything["defects"] and not everything["false_alarms"]
    print(
        f"exit {0 if clean else 1}: {everything['caught']} of {everything['defects']} defects caught, "
        f"{everything['false_alarms']} false alarms on {everything['twins']} clean twins"
    )
    return 0 if clean else 1


COMMAND = Command(
    name="prove",
    summary="run the seeded defects and publish the detection matrix",
    arguments=arguments,
    run=run,
)
