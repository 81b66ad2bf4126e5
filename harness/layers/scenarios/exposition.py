"""Holds metrics against the rules of the Prometheus text format and of OpenMetrics."""

import re
from collections.abc import Iterator

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABELS = r'\{\s*(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*"\s*(?:,\s*)?)*\}'
_NUMBER = r"(?:[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|[-+]?[Ii]nf|NaN|[-+]Inf)"
_SAMPLE = re.compile(rf"(?P<series>(?P<name>{_NAME})(?:{_LABELS})?)\s+{_NUMBER}(?:\s+-?[\d.]+)?(?:\s+#.*)?")
_TYPE = re.compile(rf"# TYPE (?P<name>{_NAME}) (?P<kind>[a-z]+)\s*")
_KINDS = frozenset({
    "counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram",
})  # fmt: skip


def flaws(text: str, content_type: str) -> Iterator[str]:
    """Yield what breaks the format, a sentence each."""
    if text and not text.endswith("\n"):
        yield "the last line does not end"
    is_open = "openmetrics" in content_type
    if is_open and not text.rstrip("\n").endswith("# EOF"):
        yield "OpenMetrics without # EOF at its end"
    series: set[str] = set()
    typed: set[str] = set()
    sampled: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("# TYPE"):
            yield from _type_flaws(line, number, typed, sampled)
        elif line.strip() and not line.startswith("#"):
            yield from _sample_flaws(line, number, series, sampled)


def _type_flaws(line: str, number: int, typed: set[str], sampled: set[str]) -> Iterator[str]:
    match = _TYPE.fullmatch(line)
    if match is None or match["kind"] not in _KINDS:
        yield f"line {number} is no TYPE line: {line[:80]}"
        return
    name = match["name"]
    if name in typed:
        yield f"line {number} gives {name} a second type"
    if name in sampled:
        yield f"line {number} gives {name} its type after its samples"
    typed.add(name)


def _sample_flaws(line: str, number: int, series: set[str], sampled: set[str]) -> Iterator[str]:
    match = _SAMPLE.fullmatch(line.strip())
    if match is None:
        yield f"line {number} is no sample: {line[:80]}"
        return
    key = re.sub(r"\s+", "", match["series"])
    if key in series:
        yield f"line {number} repeats the series {key[:80]}"
    series.add(key)
    sampled.add(match["name"])
