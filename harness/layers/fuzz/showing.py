"""How a failing case is shown: the recorded exchange it left and a shell line that sends it again."""

import base64
import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from harness.core.layer import Layer
from harness.layers.fuzz.report import SentCase, SentRequest
from harness.layers.fuzz.tally import Describe

_CASE_HEADER = "x-schemathesis-testcaseid"
_FILTERED = "[Filtered]"
_LONGEST_BODY = 16_000


def describe_with(exchanges: Path | None, redact: Callable[[str], str]) -> Describe:
    """Return how to show cases whose requests went through the recorder that wrote `exchanges`."""
    by_case = recorded_cases(exchanges)

    def found(case: SentCase) -> tuple[str, ...]:
        return (by_case[case.id],) if case.id in by_case else ()

    return Describe(exchanges=found, reproduction=lambda case: redact(reproduction(case)))


def recorded_cases(exchanges: Path | None) -> Mapping[str, str]:
    """Return the exchange id of each Schemathesis case, by the header it puts on every request."""
    if exchanges is None or not exchanges.is_file():
        return {}
    found: dict[str, str] = {}
    with exchanges.open(encoding="utf-8") as lines:
        for line in lines:
            if _CASE_HEADER not in line.lower():
                continue
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if record.get("layer") != Layer.FUZZ.value:
                continue
            for name, value in record["request"].get("headers", ()):
                if name.lower() == _CASE_HEADER:
                    found[value] = record["id"]
    return found


def reproduction(case: SentCase) -> str:
    """Return a curl line; `$TARGET` is the target's origin, secrets are variables of the header's name."""
    request = case.request
    if request is None:
        return ""
    parts = urlsplit(request.uri)
    local = parts.path + (f"?{parts.query}" if parts.query else "")
    words = ["curl", "-sS", "-i", "-X", request.method]
    for name, value in request.headers:
        if name.lower() != "transfer-encoding":
            words += ["-H", _header(name, value)]
    prefix, body = _body(request)
    words += body
    words.append(f'"$TARGET"{shlex.quote(local)}')
    return prefix + " ".join(words)


def _header(name: str, value: str) -> str:
    if _FILTERED in value:
        variable = name.upper().replace("-", "_")
        return f'"{name}: ${variable}"'
    return shlex.quote(f"{name}: {value}")


def _body(request: SentRequest) -> tuple[str, list[str]]:
    """Return what stands before curl and curl's own words; bytes that are no text go in by base64."""
    if not request.body:
        return "", []
    if len(request.body) > _LONGEST_BODY:
        return "", ["--data-binary", f"@body-of-{len(request.body)}-bytes"]
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if text.isprintable():
        return "", ["--data-raw", shlex.quote(text)]
    encoded = base64.b64encode(request.body).decode("ascii")
    return f"printf %s {encoded} | base64 -d | ", ["--data-binary", "@-"]
