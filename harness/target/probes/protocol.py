"""What a probe is, and the questions that several of them ask alike."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx

from harness.core.plan import Capability, CapabilityState
from harness.core.requirement import Profile
from harness.target.instance import Instance

_MOST_SILENCES = 3
_MOST_SECONDS = 10.0
_MOST_PIECES = 200_000
#: What was true of the bytes on their way, and is not of the content.
_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})


_ON_THE_WIRE = "harness_headers_on_the_wire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A target being probed; questions carry the step `probe:<id>`."""

    instance: Instance
    client: httpx.Client
    headers: dict[str, str] = field(default_factory=dict)
    silences: list[str] = field(default_factory=list)

    def get(self, step: str, path: str, **headers: str) -> httpx.Response | str:
        """Return the answer, or why there was none."""
        return self.send(step, "GET", path, headers=headers)

    def send(
        self, step: str, method: str, path: str, *, json: object = None, headers: dict[str, str] | None = None
    ) -> httpx.Response | str:
        """Send a request that changes nothing; return the answer, or why there was none.

        After a few silences nothing more is sent: a mute target is told of soon.
        """
        if len(self.silences) >= _MOST_SILENCES:
            return f"{method} {path} was not asked: {', '.join(self.silences)} got no answer in time"
        marked = {"Harness-Step": f"probe:{step}", **(headers or {})}
        try:
            try:
                return self._asked(method, path, json=json, headers=marked)
            except httpx.RemoteProtocolError:
                if method != "GET":
                    raise
                # A kept connection may be closed in the moment in which it is used again.
                return self._asked(method, path, json=None, headers=marked)
        except httpx.TimeoutException:
            self.silences.append(f"{method} {path}")
            return f"{method} {path} got no answer in time"
        except httpx.HTTPError as problem:
            return f"{method} {path} gave {type(problem).__name__}"

    def _asked(self, method: str, path: str, *, json: object, headers: dict[str, str]) -> httpx.Response:
        """Return the whole answer; one that drips on for longer than any may is no answer in time."""
        limit = time.monotonic() + _MOST_SECONDS
        pieces: list[bytes] = []
        with self.client.stream(method, path, json=json, headers=headers) as answer:
            for piece in answer.iter_bytes():
                pieces.append(piece)
                if time.monotonic() > limit or len(pieces) > _MOST_PIECES:
                    raise httpx.ReadTimeout("the answer does not end", request=answer.request)
        plain = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_WIRE]
        return httpx.Response(
            answer.status_code,
            headers=plain,
            content=b"".join(pieces),
            request=answer.request,
            extensions={_ON_THE_WIRE: answer.headers},
        )

    def identity_headers(self) -> dict[str, str]:
        """Return the headers of the first signed-in identity, or none."""
        for session in self.instance.sessions.values():
            return dict(session.headers)
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Export one as PROBE; `requirement` is the existence requirement that the capability decides.

    A probe of the core profile is sent only to targets that claim it.
    """

    id: str
    ask: Callable[[Asking], Capability]
    requirement: str = ""
    profile: Profile = Profile.PORTABLE


def was_compressed(answer: httpx.Response) -> bool:
    """Whether an answer, which is plain by now, came compressed."""
    return "content-encoding" in answer.extensions.get(_ON_THE_WIRE, {})


def capability(probe: str, state: CapabilityState, detail: str, items: tuple[str, ...] = ()) -> Capability:
    """Return a capability; probes say in `detail` what was asked and what came."""
    return Capability(id=probe, state=state, detail=detail, items=items)


def state_of(answer: httpx.Response | str) -> CapabilityState:
    """Return what an answer says of a path: 5xx or silence is broken, never absent."""
    if isinstance(answer, str) or answer.status_code >= 500:
        return CapabilityState.BROKEN
    if answer.status_code in {404, 405, 410, 501}:
        return CapabilityState.ABSENT
    return CapabilityState.PRESENT


def said(answer: httpx.Response | str) -> str:
    """Return an answer in words, e.g. `GET /x answered 404`."""
    if isinstance(answer, str):
        return answer
    request = answer.request
    return f"{request.method} {request.url.raw_path.decode(errors='replace')} answered {answer.status_code}"


def documented_probe(probe: str, what: str, find: Callable[[Instance], Iterable[str]]) -> Probe:
    """Return a probe for what the document alone shows; without a document nobody knows."""

    def ask(asking: Asking) -> Capability:
        if not len(asking.instance.operations):
            return capability(probe, CapabilityState.UNKNOWN, "no operations are declared")
        found = tuple(dict.fromkeys(find(asking.instance)))
        if not found:
            return capability(probe, CapabilityState.ABSENT, f"the document declares no {what}")
        return capability(probe, CapabilityState.PRESENT, f"{what}: {', '.join(found[:5])}", found)

    return Probe(id=probe, ask=ask)


def core_path_probe(probe: str, path: str) -> Probe:
    """Return a probe for a path of the core contracts; 401 and 403 mean that it is there."""

    def ask(asking: Asking) -> Capability:
        answer = asking.get(probe, path)
        return capability(probe, state_of(answer), said(answer))

    return Probe(id=probe, ask=ask, profile=Profile.CORE)
