"""`harness init URL`: read what a service publishes and write a target file that runs as it is."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.command import Command

if TYPE_CHECKING:
    from harness.target.survey import Survey


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("url", help="where the service answers; only GET is sent")
    parser.add_argument("--out", metavar="FILE", type=Path, help="target file (default: <name>.toml)")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    parser.add_argument(
        "--crawl", action="store_true",
        help="without an OpenAPI document: follow at most 50 links and write a schema file of what answers",
    )  # fmt: skip
    parser.add_argument(
        "--ca", metavar="FILE", default="", help="authorities to trust besides the usual ones"
    )
    parser.add_argument("--no-tls-verify", action="store_true", help="take any certificate")


def run(options: argparse.Namespace) -> int:
    """Survey, draft, check that the draft can be read, write."""
    from harness.core.errors import UsageProblem  # noqa: PLC0415 - heavy imports inside the command
    from harness.core.target import Tls  # noqa: PLC0415
    from harness.target.asking import client_of  # noqa: PLC0415
    from harness.target.drafting import draft, name_of  # noqa: PLC0415
    from harness.target.survey import survey  # noqa: PLC0415

    if not options.url.startswith(("http://", "https://")):
        raise UsageProblem(f"{options.url!r} is no URL", remedy="Write e.g. https://staging.example")
    tls = Tls(is_verified=not options.no_tls_verify, ca=options.ca)
    found = survey(options.url, lambda url: client_of(url, tls=tls))
    name = name_of(found)
    out: Path = options.out or Path(f"{name}.toml")
    schema = out.with_suffix(".openapi.json")
    crawls = options.crawl and found.read is None
    _refuse_overwriting(out, *([schema] if crawls else []), force=options.force)
    pages = _crawl(found, schema, tls) if crawls else 0
    text = draft(
        found,
        name=name,
        file_name=str(out),
        crawled=schema.name if pages else "",
        ca=options.ca,
        is_tls_verified=tls.is_verified,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    _check(out)
    _say(found, out, pages, crawls=crawls)
    return 0


def _refuse_overwriting(*files: Path, force: bool) -> None:
    from harness.core.errors import UsageProblem  # noqa: PLC0415

    for file in files:
        if file.exists() and not force:
            raise UsageProblem(f"{file} is there already", remedy="Name another with --out, or add --force.")


def _crawl(found: "Survey", schema: Path, tls: object) -> int:
    """Write what links lead to; return how many paths answered."""
    import json  # noqa: PLC0415
    from urllib.parse import urlsplit  # noqa: PLC0415

    from harness.core.target import Tls  # noqa: PLC0415
    from harness.target.asking import client_of  # noqa: PLC0415
    from harness.target.crawl import crawl  # noqa: PLC0415
    from harness.target.drafting import crawled_document, name_of  # noqa: PLC0415

    assert isinstance(tls, Tls)
    parts = urlsplit(found.url)
    with client_of(f"{parts.scheme}://{parts.netloc}", tls=tls) as client:
        pages = crawl(client, parts.path)
    if pages:
        schema.parent.mkdir(parents=True, exist_ok=True)
        document = crawled_document(pages, title=name_of(found))
        schema.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return len(pages)


def _check(out: Path) -> None:
    """Read the file as `harness run` will: a draft that does not load is our fault, not the user's."""
    import os  # noqa: PLC0415

    from harness.core.errors import HarnessFault, TargetFileProblem  # noqa: PLC0415
    from harness.target.file import load_target  # noqa: PLC0415

    try:
        load_target(str(out), os.environ)
    except TargetFileProblem as problem:
        raise HarnessFault(f"the drafted file cannot be read: {problem}") from problem


def _say(found: "Survey", out: Path, pages: int, *, crawls: bool) -> None:
    operations = len(found.operations)
    if found.document_path:
        print(f"document   {found.document_path}: {operations} operations")
    elif pages:
        schema = out.with_suffix(".openapi.json")
        print(f"document   none; a crawl found {pages} paths that answer, see {schema}")
    elif crawls:
        print("document   none, and nothing is linked that answers")
    else:
        print("document   none found: --crawl lists what is linked; a schema file by hand measures most")
    print(f"endpoints  graphql {found.graphql or '-'}, mcp {', '.join(found.mcp) or '-'}, "
          f"health {found.health or '-'}, metrics {found.metrics or '-'}")  # fmt: skip
    for remark in found.remarks:
        print(f"note       {remark}", file=sys.stderr)
    print(f"wrote      {out}; next: harness run {out}")


COMMAND = Command(
    name="init", summary="write a target file for a running service", arguments=arguments, run=run
)
