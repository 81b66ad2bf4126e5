"""Probes of experiments: each looks at one thing and says `ok: ...` or `not: ...` with what it saw.

A hypothesis takes `{type: regex, pattern: "^ok"}` as its tolerance; a probe in the method is judged by the
engine from the same words, because Chaos Toolkit ignores a tolerance there.
"""

import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.layers.chaos.door import door, own_mark

OK = "ok: "
NOT = "not: "
#: How many times as long as it may take an answer is waited for.
_PATIENCE = 3.0
_WELL = {"up", "ready", "ok", "pass", "healthy"}

#: Names the probes that only the fault should make say ok, separated by commas; set in a control run.
UNMET_VARIABLE = "HARNESS_UNMET_PROBES"
#: How long a control run watches such a probe stay unmet.
_WATCH_SECONDS = 1.0


def _until(look: Callable[[], tuple[bool, str]], within: float) -> str:
    """Look until it is so, at most `within` seconds; 0 looks once."""
    if door().memory.get("activity") in os.environ.get(UNMET_VARIABLE, "").split(","):
        within = min(within, _WATCH_SECONDS)
    limit = time.monotonic() + within
    while True:
        met, seen = look()
        if met or time.monotonic() >= limit:
            return (OK if met else NOT) + seen
        time.sleep(0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One request and what a good answer to it is."""

    method: str
    path: str
    identity: str
    body: object
    status: Sequence[int]
    seconds: float
    members: Mapping[str, Any]
    has: Sequence[str]

    def ask(self) -> tuple[bool, str]:
        asked = f"{self.method} {self.path}"
        started = time.monotonic()
        try:
            # Longer than allowed, so that "too slow" is measured and not only cut off.
            answer = door().ask(
                self.method,
                self.path,
                identity=self.identity,
                json=self.body,
                timeout=self.seconds * _PATIENCE,
            )
        except httpx.HTTPError as problem:
            return False, f"{asked} gave {type(problem).__name__} after {time.monotonic() - started:.1f} s"
        took = time.monotonic() - started
        seen = f"{asked} answered {answer.status_code} in {took:.2f} s"
        if answer.status_code not in self.status or took > self.seconds:
            return False, f"{seen}: {answer.text[:200]}"
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            return False, f"{seen} without Retry-After"
        wrong = _differs(answer, self.members, self.has) if self.members or self.has else ""
        return not wrong, seen + wrong


def answers(
    path: str,
    *,
    method: str = "GET",
    identity: str = "",
    status: Sequence[int] = (200,),
    seconds: float = 5.0,
    members: Mapping[str, Any] | None = None,
    has: Sequence[str] = (),
    body: object = None,
    within: float = 0.0,
    times: int = 1,
) -> str:
    """Ask; ok when the status is one of those and the answer came within `seconds`.

    With `members` it must be JSON in which these have these values; with `has`, in which these are there.
    """
    question = _Question(
        method=method,
        path=path,
        identity=identity,
        body=body,
        status=status,
        seconds=seconds,
        members=members or {},
        has=has,
    )

    def look() -> tuple[bool, str]:
        seen = "nothing asked"
        for _ in range(times):
            met, seen = question.ask()
            if not met:
                return False, seen
        return True, seen

    return _until(look, within)


def _differs(answer: httpx.Response, members: Mapping[str, Any], has: Sequence[str]) -> str:
    try:
        document = answer.json()
    except ValueError:
        return ", which is no JSON"
    if not isinstance(document, dict):
        return ", which is no JSON object"
    for name in has:
        if name not in document:
            return f", which has no {name}"
    for name, wanted in members.items():
        found = document.get(name)
        if found != wanted:
            return f", where {name} is {json.dumps(found)} and not {json.dumps(wanted)}"
    return ""


def readiness_names(dependency: str, *, path: str = "/health/ready", within: float = 5.0) -> str:
    """Ok when readiness says that a dependency is not up, with a reason, and not that all is well."""

    def look() -> tuple[bool, str]:
        try:
            document = door().ask("GET", path).json()
        except (httpx.HTTPError, ValueError) as problem:
            return False, f"{path} gave {type(problem).__name__}"
        for name, said in _dependencies(document).items():
            if name == dependency:
                state = str(said.get("status") or said.get("condition") or said.get("state"))
                overall = str(document.get("status"))
                is_down = not {state, overall} & _WELL and bool(said.get("reason"))
                seen = f"{path} says {overall}, {dependency} {state} ({said.get('reason')})"
                return is_down, seen
        return False, f"{path} does not name {dependency}"

    return _until(look, within)


def _dependencies(document: Any) -> dict[str, Mapping[str, Any]]:
    listed = document.get("dependencies", {}) if isinstance(document, dict) else {}
    if isinstance(listed, dict):
        return {str(name): said for name, said in listed.items() if isinstance(said, dict)}
    return {str(said.get("name")): said for said in listed if isinstance(said, dict)}


def metric(
    name: str, *, labels: Mapping[str, str] | None = None, at_least: float | None = None,
    at_most: float | None = None, path: str = "/metrics", within: float = 5.0,
) -> str:  # fmt: skip
    """Ok when the sum of a metric's series with these labels is within the bounds."""

    def look() -> tuple[bool, str]:
        try:
            text = door().ask("GET", path).text
        except httpx.HTTPError as problem:
            return False, f"{path} gave {type(problem).__name__}"
        found = series(text, name, labels or {})
        if not found:
            return False, f"{path} has no series of {name} with {dict(labels or {})}"
        total = sum(found)
        met = (at_least is None or total >= at_least) and (at_most is None or total <= at_most)
        return met, f"{name}{dict(labels or {})} is {total:g}"

    return _until(look, within)


def series(text: str, name: str, labels: Mapping[str, str]) -> list[float]:
    """Return the values of all series of a metric in the Prometheus text format that carry the labels.

    A label's value is matched as a regular expression over the whole value.
    """
    found: list[float] = []
    for line in text.splitlines():
        parsed = re.fullmatch(rf"{re.escape(name)}(?:\{{(.*)\}})? (\S+)(?: \d+)?", line)
        if parsed is None:
            continue
        own = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', parsed[1] or ""))
        if all(re.fullmatch(pattern, own.get(label, "")) for label, pattern in labels.items()):
            found.append(float(parsed[2]))
    return found


def delivered(*, path: str = "/chaos", within: float = 30.0) -> str:
    """Ok when every acknowledged message reached the receiver and none came that nobody sent."""
    accepted = set(door().memory.get("accepted", ()))
    tried = set(door().memory.get("tried", ()))

    def look() -> tuple[bool, str]:
        received = door().stub("webhook", "GET", f"/__stub/requests?path={path}").json()["requests"]
        # Earlier experiments sent to the same receiver; ours carry our process in their text.
        texts = {text for text in map(_text, received) if text.startswith(own_mark())}
        lost, invented = accepted - texts, texts - tried
        seen = f"{len(accepted)} acknowledged, {len(lost)} lost, {len(invented)} that nobody sent"
        return not lost and not invented and bool(accepted or not tried), seen

    return _until(look, within)


def _text(request: Mapping[str, Any]) -> str:
    try:
        document = json.loads(request.get("body") or "{}")
    except ValueError:
        return ""
    here = document.get("text") or document.get("data", {}).get("text") or ""
    return here if isinstance(here, str) else ""


def breaker_is(state: str, *, breaker: str, identity: str = "operator", within: float = 5.0) -> str:
    """Ok when the breaker API shows a breaker, by its name, in a state."""

    def look() -> tuple[bool, str]:
        try:
            found = str(door().breaker(breaker, identity=identity).get("state", "not listed")).lower()
        except httpx.HTTPError as problem:
            return False, f"the breaker API gave {problem}"
        return found == state.lower(), f"{breaker} is {found}"

    return _until(look, within)
