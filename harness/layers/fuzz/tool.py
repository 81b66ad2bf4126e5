"""How Schemathesis is called: its configuration file, its command line and how long it may take."""

import json
import os
import re
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
_FEW = ("PATCH", "OPTIONS")
_REPEATING = ("fuzzing", "stateful")
#: What coverage leaves for drawn cases to find is found soon: at depth standard a few seconds are enough for
#: a small document, and a large one gets no more than it needs to reach each operation.
_SECONDS_FOR_THE_REST = 90.0
_SHORTEST_REPEATING, _LONGEST_REPEATING, _SECONDS_EACH = 6.0, 25.0, 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What one run of Schemathesis may spend: seconds, examples per operation and round, phases, methods.

    `shares_time` lets Schemathesis divide the seconds among operations; without it, it does everything once
    and is only stopped when the seconds are over. `is_thinned` leaves out cases that are like others.
    """

    name: str
    seconds: int
    phases: tuple[str, ...]
    examples: int = 10
    methods: tuple[str, ...] = _UNEXPECTED_METHODS
    shares_time: bool = True
    is_thinned: bool = True


def openapi_efforts(depth: Depth, seconds: float, *, operations: int) -> tuple[Effort, ...]:
    """Return the runs for a depth and so many operations, within the wall limit.

    Coverage has a run of its own: it sends the same cases every time, and a budget shared with the phases
    that repeat until it is spent would cut the cases of each operation short, differently every time.
    """
    match depth:
        case Depth.QUICK:
            both = ("coverage", "fuzzing")  # what coverage has no time for, fuzzing still reaches
            return (
                Effort(name="quick", seconds=_at_most(14, seconds), phases=both, examples=3, methods=_FEW),
            )
        case Depth.STANDARD:
            wanted = min(_LONGEST_REPEATING, max(_SHORTEST_REPEATING, operations * _SECONDS_EACH))
            repeating = Effort(
                name="fuzzing", seconds=_at_most(wanted, seconds), phases=_REPEATING, examples=15
            )
        case Depth.FULL:
            repeating = Effort(
                name="fuzzing", seconds=_at_most(seconds / 3, seconds), phases=_REPEATING, examples=60
            )
    coverage = Effort(
        name="coverage",
        seconds=_at_most(seconds, seconds),
        phases=("coverage",),
        shares_time=False,
        is_thinned=depth is not Depth.FULL,
    )
    return (coverage, repeating)


def graphql_effort(depth: Depth, seconds: float) -> Effort:
    """Return the run on a GraphQL schema, which knows no coverage phase."""
    match depth:
        case Depth.QUICK:
            wanted = 4.0
        case Depth.STANDARD:
            wanted = 12.0
        case Depth.FULL:
            wanted = seconds / 6
    return Effort(name="graphql", seconds=_at_most(wanted, seconds), phases=("fuzzing",), examples=20)


def _at_most(wanted: float, seconds: float) -> int:
    """Leave room for the other runs of the layer: none gets more than 45 % of the wall limit."""
    return max(2, int(min(wanted, seconds * 0.45)))


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


def for_the_rest(order: Order, names: Sequence[str], seconds: float) -> Order:
    """Return an order for the operations that coverage had no time for, who share what time there is.

    Several filters of Schemathesis let in what any of them lets in, so that names alone have to say what is
    read and what is written.
    """
    wanted = [name for name in names if not order.reads_only or name.split()[0] in READING_METHODS]
    if not wanted:
        return order
    effort = replace(
        order.effort,
        phases=("coverage", *order.effort.phases),
        seconds=_at_most(_SECONDS_FOR_THE_REST, seconds),
    )
    exactly = "|".join(re.escape(name) for name in wanted)
    return replace(order, effort=effort, included_methods=(), included_names=f"^(?:{exactly})$")


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
    hooks = "thinning" if order.effort.is_thinned else "fresh_keys"  # the first loads the second
    lines.append(f'hooks = "harness.layers.fuzz.{hooks}"')
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
        "--report",
        "ndjson",
        "--report-ndjson-path",
        str(report),
        "--no-color",
    ]
    if order.effort.shares_time:
        line += ["--max-time", str(order.effort.seconds)]
    for method in order.included_methods:
        line += ["--include-method", method]
    if order.included_names:
        line += ["--include-name-regex", order.included_names]
    for name in order.excluded_names:
        line += ["--exclude-name", name]
    for pattern in order.excluded_paths:
        line += ["--exclude-path-regex", pattern]
    return line


def _character_tables() -> Path:
    """Where Hypothesis keeps its tables of Unicode, a second's work for each process that finds none.

    Nothing else is kept there: the database of examples is off, so no run knows of another.
    """
    # Path.expanduser raises where nobody has a home.
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    return Path(caches) / "core-harness" / "hypothesis"


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
        env={**order.environment(), "HYPOTHESIS_STORAGE_DIRECTORY": str(_character_tables())},
        cwd=directory,
        redact=redact,
    )
    return report, end
