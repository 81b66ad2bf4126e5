"""`core-reference serve | worker | migrate`; heavy imports happen inside the commands."""

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import Any


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 2 means that the configuration is not usable."""
    given = _parser().parse_args(arguments)
    # It would write a line that is not JSON about an optional package that nothing here needs.
    logging.getLogger("fastapi").setLevel(logging.ERROR)
    from reference_impl import process  # noqa: PLC0415 - `--help` must not wait for the framework

    overrides = {
        name: value
        for name in ("host", "port", "public_url", "data_dir", "only")
        if (value := getattr(given, name, None)) is not None
    }
    try:
        return _run(given.command, overrides, process)
    except process.Unusable as problem:
        sys.stderr.write(f"core-reference: {problem}\n")
        return 2


def _run(command: str, overrides: dict[str, object], process: Any) -> int:
    match command:
        case "serve":
            return int(process.serve(overrides))
        case "worker":
            return int(process.work(overrides))
        case _:
            return int(process.migrate_database(overrides))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="core-reference", description="Reference services of CORE Harness.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer requests")
    serve.add_argument("--host", help="address to bind (CORE_HOST)")
    serve.add_argument("--port", type=int, help="port to bind (CORE_PORT)")
    serve.add_argument("--public-url", help="the URL that clients come by (CORE_PUBLIC_URL)")
    worker = commands.add_parser("worker", help="do the background work of the services")
    migrate = commands.add_parser("migrate", help="bring the database to the newest revision")
    for command in (serve, worker, migrate):
        command.add_argument("--data-dir", help="where embedded stores live (CORE_DATA_DIR)")
    for command in (serve, worker):
        command.add_argument("--only", help="comma list of services to hold, or gateway (CORE_ONLY)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
