"""What an answer must look like while a dependency is away."""

from collections.abc import Callable, Sequence
from functools import partial

from scenarios.containers.polling import until
from scenarios.containers.receiver import Receiver
from scenarios.containers.reference import Answered, Visitor

Call = Callable[[], Answered]
_NOTE = {"content": b"kept", "headers": {"Content-Type": "text/plain"}}


def calls_of(visitor: Visitor, receiver: Receiver) -> Sequence[tuple[str, Call]]:
    """Calls that between them read and write, with and without an identity."""
    return (
        ("log in", lambda: visitor.server.ask("POST", "/auth/login", json=visitor.credentials)),
        ("who am I", lambda: visitor.ask("GET", "/auth/me")),
        ("send a message", lambda: visitor.send(receiver.url, "while a dependency is away")),
        ("list messages", lambda: visitor.ask("GET", "/api/hub/messages")),
        ("put an object", lambda: visitor.ask("PUT", "/api/storage/objects/note.txt", **_NOTE)),
        ("list objects", lambda: visitor.ask("GET", "/api/storage/objects")),
        ("list alerts", lambda: visitor.ask("GET", "/api/circuit-breakers/alerts")),
    )


def assert_unavailable(name: str, answer: Answered, *, within: float) -> None:
    """A 503 problem that says when to come back, in bounded time."""
    seen = f"{name}: {answer.status} after {answer.seconds:.1f} s: {answer.response.text[:300]}"
    assert answer.status == 503, seen
    assert answer.response.headers["Content-Type"].startswith("application/problem+json"), seen
    assert int(answer.response.headers["Retry-After"]) >= 1, seen
    assert answer.document()["status"] == 503, seen
    assert answer.seconds < within, seen


def assert_contained(name: str, answer: Answered, *, within: float) -> None:
    """Either served without the dependency or refused as unavailable; never an error of our own."""
    if answer.status == 503:
        assert_unavailable(name, answer, within=within)
        return
    seen = f"{name}: {answer.status} after {answer.seconds:.1f} s: {answer.response.text[:300]}"
    assert 200 <= answer.status < 300, seen
    assert answer.seconds < within, seen


def assert_steady(calls: Sequence[tuple[str, Call]]) -> None:
    """Every call is served: without that before the fault, what comes after it shows nothing."""
    for name, call in calls:
        answer = call()
        assert 200 <= answer.status < 300, f"{name}: {answer.status}: {answer.response.text[:300]}"


def assert_recovers(calls: Sequence[tuple[str, Call]], *, within: float) -> None:
    """Every call is served again; until then it may only be refused as unavailable."""
    for name, call in calls:
        until(partial(_is_served, name, call, within), within=within, what=f"{name} is served again")


def _is_served(name: str, call: Call, within: float) -> bool:
    answer = call()
    assert_contained(name, answer, within=within)
    return answer.status < 300
