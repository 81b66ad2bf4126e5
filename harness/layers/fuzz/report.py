"""Reads Schemathesis' NDJSON report, line by line, into types; a torn last line is left out."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

STATEFUL = "stateful"
_MOST_KEPT = 64 * 1024


class Mode(StrEnum):
    """Whether a case was meant to be valid."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class CheckStatus(StrEnum):
    """What a Schemathesis check said; `success` includes checks that had nothing to look at."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check on one case; `case_id` names the follow-up request that failed, when there was one."""

    name: str
    status: CheckStatus
    code: str = ""
    title: str = ""
    message: str = ""
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRequest:
    """A request as it left Schemathesis; it has already filtered the headers that look secret."""

    method: str
    uri: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCase:
    """One case with its answer; `is_probe` marks the follow-ups a check sends on its own.

    `content` of the answer is kept where it is needed to tell whether a second answer is alike.
    `has_negative_part`: a part of the request (a header, say) was made to be invalid, whatever the mode says.
    """

    id: str
    label: str
    phase: str
    method: str
    path: str
    mode: Mode
    scenario: str = ""
    description: str = ""
    is_probe: bool = False
    has_null_parameter: bool = False
    has_negative_part: bool = False
    status: int | None = None
    media_type: str = ""
    has_body: bool = False
    allow: str = ""
    content: bytes = b""
    request: SentRequest | None = None
    checks: tuple[CheckResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A finished scenario: the cases of one operation, or one stateful walk."""

    label: str
    phase: str
    cases: tuple[SentCase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolTrouble:
    """Something Schemathesis could not do: generate for an operation, or get an answer."""

    label: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event of a whole run: completed, max_time, interrupted, server_unavailable."""

    stop_reason: str


Event = Scenario | ToolTrouble | Finished


def read_report(path: Path) -> Iterator[Event]:
    """Yield the events of a report file; none when the file does not exist."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        yield from parse_lines(lines)


def parse_lines(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events that matter out of NDJSON lines."""
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue  # a killed tool leaves its last line unfinished
        for name, content in record.items():
            event = _event(name, content)
            if event is not None:
                yield event


def _event(name: str, content: Mapping[str, Any]) -> Event | None:
    match name:
        case "ScenarioFinished":
            return _scenario(content)
        case "NonFatalError":
            value = content.get("value", {})
            return ToolTrouble(
                label=content.get("label", ""),
                kind=str(value.get("type", "")),
                message=str(value.get("message", "")),
            )
        case "FatalError":
            value = content.get("exception", {})
            return ToolTrouble(
                label="", kind=str(value.get("type", "")), message=str(value.get("message", ""))
            )
        case "EngineFinished":
            return Finished(stop_reason=content.get("stop_reason", ""))
        case _:
            return None


def _scenario(content: Mapping[str, Any]) -> Scenario:
    recorder = content.get("recorder", {})
    label, phase = recorder.get("label", ""), content.get("phase", "")
    cases = tuple(
        _case(case_id, node, recorder, label=label, phase=phase)
        for case_id, node in recorder.get("cases", {}).items()
    )
    return Scenario(label=label, phase=phase, cases=cases)


def _case(
    case_id: str, node: Mapping[str, Any], recorder: Mapping[str, Any], *, label: str, phase: str
) -> SentCase:
    value = node.get("value", {})
    meta = value.get("meta", {})
    data = meta.get("phase", {}).get("data", {})
    interaction = recorder.get("interactions", {}).get(case_id, {})
    response = interaction.get("response") or {}
    headers = response.get("headers", {})
    checks = tuple(_check(item) for item in recorder.get("checks", {}).get(case_id, ()))
    content = _bytes(response.get("content"))
    is_kept = phase == STATEFUL or any(check.status is CheckStatus.FAILURE for check in checks)
    return SentCase(
        id=case_id,
        label=label,
        phase=phase,
        method=str(value.get("method", "")).upper(),
        path=value.get("path", ""),
        mode=Mode(meta.get("generation", {}).get("mode", Mode.POSITIVE)),
        scenario=data.get("scenario", ""),
        description=data.get("description", ""),
        is_probe="parent_id" in node and "transition" not in node,
        has_null_parameter=_has_null(value),
        has_negative_part=any(
            item.get("mode") == Mode.NEGATIVE for item in meta.get("components", {}).values()
        ),
        status=response.get("status_code"),
        media_type=_first(headers, "content-type").split(";", 1)[0].strip().lower(),
        has_body=bool(content),
        content=content[:_MOST_KEPT] if is_kept else b"",
        allow=", ".join(headers.get("allow", ())),
        request=_request(interaction.get("request")),
        checks=checks,
    )


def _has_null(value: Mapping[str, Any]) -> bool:
    """Whether a header, cookie or query value is null, which arrives as the text "null"."""
    places = (value.get("headers") or {}, value.get("cookies") or {}, value.get("query") or {})
    return any(item in {None, "null"} for place in places for item in place.values() if _is_plain(item))


def _is_plain(item: object) -> bool:
    return item is None or isinstance(item, str)


def _check(node: Mapping[str, Any]) -> CheckResult:
    failure = (node.get("failure_info") or {}).get("failure", {})
    return CheckResult(
        name=node["name"],
        status=CheckStatus(node.get("status", CheckStatus.ERROR)),
        code=failure.get("code") or "",
        title=failure.get("title") or "",
        message=failure.get("message") or "",
        case_id=failure.get("case_id") or "",
    )


def _request(record: Mapping[str, Any] | None) -> SentRequest | None:
    if not record:
        return None
    headers = tuple(
        (name, str(value)) for name, values in record.get("headers", {}).items() for value in values
    )
    return SentRequest(
        method=record.get("method", ""),
        uri=record.get("uri", ""),
        headers=headers,
        body=_bytes(record.get("body")),
    )


def _first(headers: Mapping[str, Any], name: str) -> str:
    values = headers.get(name) or ("",)
    return str(values[0])


def _bytes(value: object) -> bytes:
    if isinstance(value, dict) and "$base64" in value:
        try:
            return base64.b64decode(value["$base64"])
        except (binascii.Error, ValueError):
            return b""
    return value.encode() if isinstance(value, str) else b""
