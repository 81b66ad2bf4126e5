"""How Schemathesis is called: its configuration file, its command line and how long it may take."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.layer import Depth
from harness.core.spawn import ToolEnd, run_tool
from harness.layers.fuzz.rules import CHECKS

#: Methods that only read; without consent to writes nothing else is sent.
READING_METHODS = ("GET", "HEAD", "OPTIONS")

#: Undeclared methods tried on every path. QUERY and TRACE are unknown to many servers.
_UNEXPECTED_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE")
_FEW_METHODS = ("PATCH", "OPTIONS")
_PHASES = ("coverage", "fuzzing", "stateful")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is tried: a time budget, examples per operation and round, phases, undeclared methods."""

    seconds: int
    examples: int
    phases: tuple[str, ...]
    methods: tuple[str, ...]

    def fuzzing_only(self) -> "Effort":
        """Return the same effort for a GraphQL schema, which has no other phase."""
        return replace(self, phases=("fuzzing",))


def effort_for(depth: Depth, seconds: float, *, share: float = 1.0) -> Effort:
    """Return the effort for a depth, never beyond 80 % of the wall limit; `share` splits it between runs."""
    match depth:
        case Depth.QUICK:
            effort = Effort(seconds=12, examples=3, phases=("coverage", "fuzzing"), methods=_FEW_METHODS)
        case Depth.STANDARD:
            effort = Effort(seconds=75, examples=15, phases=_PHASES, methods=_UNEXPECTED_METHODS)
        case Depth.FULL:
            effort = Effort(seconds=int(seconds), examples=60, phases=_PHASES, methods=_UNEXPECTED_METHODS)
    return replace(effort, seconds=max(2, int(min(effort.seconds, seconds * 0.8) * share)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run of Schemathesis: where, on which document, with what left out."""

    schema: Path
    url: str
    seed: int
    effort: Effort
    reads_only: bool
    headers: Mapping[str, str]
    excluded_names: tuple[str, ...] = ()
    excluded_paths: tuple[str, ...] = ()
    included_methods: tuple[str, ...] = ()
    included_names: str = ""
    respects_limits: bool = False

    def environment(self) -> Mapping[str, str]:
        """Return the header values for the child; they are in no file and on no command line."""
        return {f"HARNESS_FUZZ_HEADER_{number}": value for number, value in enumerate(self.headers.values())}


def write_configuration(order: Order, directory: Path) -> Path:
    """Write schemathesis.toml; the cache is off because it hides on a later run what an earlier one found."""
    lines = [
        f"seed = {order.seed % 2**32}",
        "cache.enabled = false",
        "continue-on-failure = true",
        "warnings = false",
        "workers = 1",
        "request-timeout = 10",
        "max-redirects = 0",
    ]
    if order.respects_limits:
        lines.append('rate-limit = "auto"')
    methods = ("OPTIONS",) if order.reads_only else order.effort.methods
    lines += [
        "[generation]",
        f"max-examples = {order.effort.examples}",
        'database = "none"',
        "[auth]",
        "auto-signup = false",
        "[phases.coverage]",
        f"unexpected-methods = {json.dumps(list(methods))}",
        "[checks.negative_data_rejection]",
        'expected-statuses = ["4xx", "5xx"]',
    ]
    if order.headers:
        lines.append("[headers]")
        lines += [
            f'{json.dumps(name)} = "${{HARNESS_FUZZ_HEADER_{number}}}"'
            for number, name in enumerate(order.headers)
        ]
    path = directory / "schemathesis.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def command(order: Order, configuration: Path, report: Path) -> Sequence[str]:
    """Return the command line of `st run`."""
    line = [
        str(Path(sys.executable).with_name("st")),
        "--config-file",
        str(configuration),
        "run",
        str(order.schema),
        "--url",
        order.url,
        "--phases",
        ",".join(order.effort.phases),
        "--checks",
        ",".join(CHECKS),
        "--max-time",
        str(order.effort.seconds),
        "--report",
        "ndjson",
        "--report-ndjson-path",
        str(report),
        "--no-color",
    ]
    for method in order.included_methods:
        line += ["--include-method", method]
    if order.included_names:
        line += ["--include-name-regex", order.included_names]
    for name in order.excluded_names:
        line += ["--exclude-name", name]
    for pattern in order.excluded_paths:
        line += ["--exclude-path-regex", pattern]
    return line


def run(
    order: Order, directory: Path, *, seconds: float, log: Path, redact: Callable[[bytes], bytes]
) -> tuple[Path, ToolEnd]:
    """Run Schemathesis in a directory of its own; return its report, which may not exist, and its end."""
    directory.mkdir()
    report = directory / "report.ndjson"
    end = run_tool(
        command(order, write_configuration(order, directory), report),
        seconds=seconds,
        log=log,
        name=f"schemathesis {directory.name}",
        env=order.environment(),
        cwd=directory,
        redact=redact,
    )
    return report, end
