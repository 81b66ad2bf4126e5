"""`harness requirements`: list the catalogue, check it against its lock, or freeze a new version."""

import argparse

from harness.cli.command import Command


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("--area", help="only this area")
    parser.add_argument("--freeze", metavar="VERSION", help="write rubric.lock for a new rubric version")


def run(options: argparse.Namespace) -> int:
    """Print one line per requirement with its producers, or freeze."""
    from harness.catalogue.rubric import freeze, load_rubric  # noqa: PLC0415 - heavy imports inside the command
    from harness.runner.producers import producers  # noqa: PLC0415

    if options.freeze:
        print(freeze(options.freeze))
        return 0
    rubric = load_rubric()
    found = producers("core")
    for item in rubric.requirements:
        if options.area and item.area.value != options.area:
            continue
        by = ", ".join(layer.value for layer in found.get(item.id, ())) or "nobody"
        must = "MUST" if item.must else "advice"
        print(f"{item.id:44} {item.area.value:22} {item.level.value:11} {item.weight.value:9} {must:7} {by}")
    print(f"{len(rubric.requirements)} requirements, rubric {rubric.version} ({rubric.hash[:12]})")
    return 0


COMMAND = Command(
    name="requirements", summary="list or freeze the requirement catalogue", arguments=arguments, run=run
)
