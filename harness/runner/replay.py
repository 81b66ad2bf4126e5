"""One finding again: its recorded requests are sent once more, and the answers compared with the recorded."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import httpx

from harness.core.exchange import Exchange, Message, Protocol, Request, Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.core.redaction import PLACEHOLDER, Redactor
from harness.core.target import Identity, Target
from harness.judges.judging import judge_all, judges
from harness.judges.protocol import Recorded
from harness.reporting.reading import Cell, deciding
from harness.runner.finish import named_dependencies, origin_of
from harness.target.asking import client_of
from harness.target.instance import Session

#: What belongs to one connection or is set anew; the harness's own marks are set by its own client.
_NOT_SENT = frozenset(
    {
        "host",
        "content-length",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "upgrade",
        "harness-step",
    }
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_REQUESTS = 10
_MOST_BODY = 1 << 20
_NOT_REPEATABLE = {Layer.CHAOS: "was seen under faults", Layer.LOAD: "was measured under load"}

Send = Callable[[Request, Mapping[str, str]], Response]


class Replayed(StrEnum):
    """What a replay says."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    IMPOSSIBLE = "could not be replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The result, why, and each recorded exchange with what was answered now."""

    result: Replayed
    reason: str
    pairs: tuple[tuple[Exchange, Exchange], ...] = ()


class CannotReplay(Exception):
    """A recorded request that cannot or may not be sent again; becomes `Replayed.IMPOSSIBLE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a replay plays: the target with its consent, who is signed in, and how a request is sent.

    `openapi` is the document that the recorded run judged by.
    """

    target: Target
    sessions: Mapping[str, Session]
    send: Send
    openapi: Mapping[str, Any] | None = None


def exit_code(result: Replayed, outcome: Outcome) -> int:
    """Return 1 where a failure is still there, 5 where nothing could be measured, else 0."""
    if result is Replayed.IMPOSSIBLE:
        return 5
    return int(result is Replayed.REPRODUCED and outcome is Outcome.FAIL)


def replay(cell: Cell, scored: ScoredRun, stage: Stage) -> Replay:
    """Send the requests behind one subject again; nothing is sent unless all of them may be.

    Where several findings decided the subject, the first that can be repeated stands for it.
    """
    why_not = "no recorded exchange stands behind it"
    refusals: list[str] = []
    for finding in deciding(cell):
        if not finding.exchanges:
            continue
        try:
            exchanges = _exchanges(finding, scored)
            prepared = [_prepared(item, stage, scored) for item in exchanges]
        except CannotReplay as problem:
            refusals.append(str(problem))
            continue
        pairs = tuple(
            (old, replace(old, response=stage.send(request, headers), gap=""))
            for old, (request, headers) in zip(exchanges, prepared, strict=True)
        )
        return _judged_again(finding, scored, pairs, stage.openapi)
    return Replay(result=Replayed.IMPOSSIBLE, reason=refusals[0] if refusals else why_not)


def _exchanges(finding: Finding, scored: ScoredRun) -> Sequence[Exchange]:
    if why := _NOT_REPEATABLE.get(finding.layer):
        raise CannotReplay(
            f"it {why}; run the layer again: harness run TARGET --layer {finding.layer.value} "
            f"--select {finding.requirement}"
        )
    kept = [scored.exchanges[name] for name in finding.exchanges if name in scored.exchanges]
    if not kept:
        raise CannotReplay("its exchanges are no longer in the run folder")
    if any(item.fault_active for item in kept):
        raise CannotReplay("a fault was injected while it was recorded")
    if other := next((item for item in kept if item.protocol not in {Protocol.HTTP, Protocol.MCP}), None):
        raise CannotReplay(f"it was spoken over {other.protocol.value}")
    return kept[:_MOST_REQUESTS]


def _prepared(exchange: Exchange, stage: Stage, scored: ScoredRun) -> tuple[Request, Mapping[str, str]]:
    request = exchange.request
    if request.is_truncated:
        raise CannotReplay(f"the body of {exchange.id} was cut when it was recorded")
    _require_consent(exchange, stage.target, scored)
    session = _session_of(stage.sessions, exchange.identity)
    secret = _secret_of(stage.target.identities, session.name if session else exchange.identity)
    headers = {name: value for name, value in request.headers if name.lower() not in _NOT_SENT}
    if session is not None:
        given = {name.lower() for name in session.headers}
        headers = {name: value for name, value in headers.items() if name.lower() not in given}
        headers |= session.headers
    filled = {name: _filled(value, secret) for name, value in headers.items()}
    body = _filled(request.body, secret) if request.body and not request.body_is_base64 else request.body
    target = _filled(request.target, secret)
    if any(PLACEHOLDER.search(text) for text in (*filled.values(), body or "", target)):
        who = f" {exchange.identity}" if exchange.identity else ""
        raise CannotReplay(
            f"{exchange.id} holds a secret that only the recorded run knew; name a target file with the "
            f"identity{who}: --target FILE"
        )
    return replace(request, target=target, body=body), filled


def _require_consent(exchange: Exchange, target: Target, scored: ScoredRun) -> None:
    request = exchange.request
    operation = Operations(scored.run.operations, prefix=scored.run.path_prefix).find(
        request.method, request.path
    )
    subject = operation.subject if operation else f"{request.method} {request.path}"
    if subject in target.never:
        raise CannotReplay(f"{subject} is never called again: the target file says so")
    if request.method in _SAFE:
        return
    if not target.consent.writes:
        raise CannotReplay(
            f"{subject} may change the target, and it did not consent: "
            "--target FILE with [consent] writes = true"
        )
    if request.method == "DELETE" and not target.is_launched and subject not in target.consent.destructive:
        raise CannotReplay(f"{subject} destroys, and [consent] destructive does not name it")


def _session_of(sessions: Mapping[str, Session], identity: str) -> Session | None:
    """Return who made a request, by name or, as scenarios note it, by role."""
    if identity in sessions:
        return sessions[identity]
    return next((item for item in sessions.values() if identity and item.role == identity), None)


def _secret_of(identities: Sequence[Identity], name: str) -> str:
    return next((item.secret for item in identities if item.name == name), "")


def _filled(text: str, secret: str) -> str:
    """Put the identity's secret where one was told to the recorder or typed as a password."""
    return (
        re.sub(r"\{\{secret:(?:known|password):[0-9a-f]{8}\}\}", lambda _: secret, text) if secret else text
    )


def _judged_again(
    finding: Finding,
    scored: ScoredRun,
    pairs: tuple[tuple[Exchange, Exchange], ...],
    openapi: Mapping[str, Any] | None,
) -> Replay:
    if broken := next((new for _, new in pairs if new.response is None), None):
        return Replay(result=Replayed.IMPOSSIBLE, reason=f"{broken.id} got no answer", pairs=pairs)
    judge = next((item for item in judges() if finding.producer == f"judge:{item.id}"), None)
    if judge is not None:
        record = Recorded(
            exchanges=[new for _, new in pairs],
            operations=Operations(scored.run.operations, prefix=scored.run.path_prefix),
            openapi=openapi,
            base_url=origin_of(scored.run.base_url),
            dependencies=named_dependencies(scored.run),
        )
        said = {
            item.outcome
            for item in judge_all(record, among=[judge])
            if (item.requirement, item.subject) == (finding.requirement, finding.subject)
        }
        if said & {Outcome.PASS, Outcome.FAIL}:
            result = Replayed.REPRODUCED if finding.outcome in said else Replayed.NOT_REPRODUCED
            return Replay(
                result=result, reason=f"judge {judge.id} says {', '.join(sorted(said))}", pairs=pairs
            )
    return _compared(pairs)


def _compared(pairs: tuple[tuple[Exchange, Exchange], ...]) -> Replay:
    for old, new in pairs:
        if difference := _difference(old.response, new.response):
            return Replay(result=Replayed.NOT_REPRODUCED, reason=f"{old.id}: {difference}", pairs=pairs)
    return Replay(
        result=Replayed.REPRODUCED, reason="every answer is of the same kind as recorded", pairs=pairs
    )


def _difference(old: Response | None, new: Response | None) -> str:
    """Return how an answer is of another kind: status, media type or the shape of its JSON; or nothing."""
    if old is None or new is None:
        return "nothing was answered then, and now it was" if old is not new else ""
    if old.status != new.status:
        return f"status {new.status} instead of {old.status}"
    if old.media_type != new.media_type:
        return f"media type {new.media_type or 'none'} instead of {old.media_type or 'none'}"
    then, now = _members(old), _members(new)
    if then is not None and now is not None and then != now and not old.is_truncated:
        return f"members {', '.join(sorted(now ^ then))} are in one of the answers only"
    return ""


def _members(message: Message) -> frozenset[str] | None:
    try:
        document = json.loads(message.body or "")
    except ValueError:
        return None
    return frozenset(document) if isinstance(document, dict) else None


def sender(client: httpx.Client, redactor: Redactor) -> Send:
    """Return what sends a recorded request, its target as it stands, and reads a redacted answer."""

    def send(request: Request, headers: Mapping[str, str]) -> Response:
        body = request.body or ""
        content = base64.b64decode(body) if request.body_is_base64 else body.encode()
        url = client.base_url.copy_with(raw_path=request.target.encode())
        extra: dict[str, Any] = {"content": content} if content else {}
        answer = client.request(request.method, url, headers=dict(headers), **extra)
        text = redactor.text(answer.text[:_MOST_BODY])
        return Response(
            status=answer.status_code,
            elapsed=answer.elapsed.total_seconds(),
            headers=redactor.headers(answer.headers.multi_items()),
            body=text,
            body_size=len(answer.content),
            is_truncated=len(answer.text) > _MOST_BODY,
        )

    return send


def client_at(base_url: str) -> httpx.Client:
    """Return a client for the origin of an address: recorded targets are whole paths."""
    return client_of(origin_of(base_url))


def curl_lines(cell: Cell, scored: ScoredRun, line: Callable[[Request, str], str]) -> Iterator[str]:
    """Yield a shell line for each recorded request; secrets stay placeholders."""
    for finding in deciding(cell):
        for name in finding.exchanges[:_MOST_REQUESTS]:
            if exchange := scored.exchanges.get(name):
                yield line(exchange.request, origin_of(scored.run.base_url))
