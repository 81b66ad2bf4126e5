"""The loop closes: a server generated from a document, and the harness that reads the same one, agree.

A faithful server fails nothing; one that deviates in one way fails exactly what that way breaks.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.targets.from_document import TOKEN, Deviation, DocumentServer

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]

DOCUMENT = json.loads((Path(__file__).parents[1] / "targets" / "library.openapi.json").read_text("utf-8"))

LAYERS = ("--layer", "contracts", "--layer", "scenarios", "--layer", "fuzz")
#: What no document declares: validators of a representation, and counters that move.
BEYOND = ("--ignore", "http.validators-sent", "--ignore", "monitoring.metrics-move")
SENT = {"GET /health", "GET /card", "POST /books", "GET /books/{id}"}
CHECKED = {"POST /books", "GET /books/{id}"}
TARGET = {"target"}
UNEXERCISED = "testing.documented-statuses-exercised"

#: What each deviation breaks, and on which subjects; nothing else may fail. A documented refusal that never
#: comes is one that no contract can exercise, either.
BREAKS = {
    Deviation.STATUS: {"api.status-codes-documented": SENT | {"GET /metrics"}},
    Deviation.MEDIA_TYPE: {"api.content-types-documented": SENT},
    Deviation.SCHEMA: {"api.responses-match-schema": SENT},
    Deviation.AUTH: {"security.authentication-enforced": {"GET /card"}},
    Deviation.METHOD: {"api.method-not-allowed-names-methods": TARGET, "http.options-answered": TARGET},
    Deviation.INPUT: {
        "errors.invalid-input-refused": CHECKED,
        "errors.malformed-json-refused": TARGET,
        "errors.media-type-refused": TARGET,
        "errors.unknown-members-refused": TARGET,
        UNEXERCISED: {"POST /books"},
    },
    Deviation.SERVER_ERROR: {"errors.no-server-errors": {"POST /books"}},
    Deviation.STACK_TRACE: {"errors.no-stack-traces": TARGET},
    Deviation.CORS: {"security.cors-closed": TARGET},
}
#: One at a time where a requirement is about the document; the others side by side, they do not meet.
RUNS = [
    (),
    *((item,) for item in (Deviation.STATUS, Deviation.MEDIA_TYPE, Deviation.SCHEMA)),
    *((item,) for item in (Deviation.AUTH, Deviation.METHOD)),
    (Deviation.SERVER_ERROR, Deviation.STACK_TRACE, Deviation.CORS),
    (Deviation.INPUT,),
]


def interactions() -> Iterator[dict[str, Any]]:
    """Yield what a consumer that read the document would ask, and what it would be answered."""
    problem = {"type": "about:blank", "title": "Refused"}
    known = {"Authorization": [f"Bearer {TOKEN}"]}
    book = {"title": "Middlemarch", "copies": 0}
    yield _interaction("is told that it is open", ("GET", "/health"), (200, {"status": "pass"}))
    yield _interaction("counts its visits", ("GET", "/metrics"), (200, "# TYPE visits counter\nvisits 1\n"))
    yield _interaction("reads a book", ("GET", "/books/1"), (200, {"id": 1, **book}))
    yield _interaction("reads no book of number 0", ("GET", "/books/0"), (422, {**problem, "status": 422}))
    yield _interaction("adds a book", ("POST", "/books"), (201, {"id": 1, **book}), body=book)
    yield _interaction(
        "adds no book of no title", ("POST", "/books"), (422, {**problem, "status": 422}), body={}
    )
    yield _interaction("reads its card", ("GET", "/card"), (200, {"number": "card-1"}), headers=known)
    yield _interaction("shows nobody a card", ("GET", "/card"), (401, {**problem, "status": 401}))


def _interaction(
    description: str,
    asked: tuple[str, str],
    answered: tuple[int, object],
    *,
    body: object = None,
    headers: dict[str, list[str]] | None = None,
) -> dict[str, Any]:
    request: dict[str, Any] = {"method": asked[0], "path": asked[1], "headers": headers or {}}
    if body is not None:
        request["headers"] = {**request["headers"], "Content-Type": ["application/json"]}
        request["body"] = {"content": body, "contentType": "application/json", "encoded": False}
    status, content = answered
    media_type = "application/problem+json" if status >= 400 else "application/json"
    media_type = "text/plain" if isinstance(content, str) else media_type
    response = {
        "status": status,
        "headers": {"Content-Type": [media_type]},
        "body": {"content": content, "contentType": media_type, "encoded": False},
    }
    return {"type": "Synchronous/HTTP", "description": description, "request": request, "response": response}


def pact(folder: Path) -> None:
    folder.mkdir()
    document = {
        "consumer": {"name": "reading-room"},
        "provider": {"name": "library"},
        "interactions": list(interactions()),
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    (folder / "reading-room-library.json").write_text(json.dumps(document), "utf-8")


def failed(folder: Path, url: str, *options: str, profile: str = "portable") -> dict[str, set[str]]:
    """Run the harness as a user would, on its own command line; return what failed, by requirement."""
    pact(folder / "pacts")
    (folder / "library.toml").write_text(
        f"""
name = "library"
profile = "{profile}"
base_url = "{url}"
openapi = "/openapi.json"
pacts = "{folder / "pacts"}"

[[identities]]
name = "reader"
kind = "bearer"
secret = "{TOKEN}"

[consent]
writes = true
""",
        "utf-8",
    )
    command = [sys.executable, "-m", "harness", "run", "library.toml", "--depth", "quick", "--seed", "3"]
    ended = subprocess.run(
        [*command, "--out", "out", "--format", "json", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    record = json.loads((folder / "out" / "verdict.json").read_text("utf-8"))
    assert record["verdict"] in {"pass", "fail"}, (record, ended.stderr)
    return _failed(folder / "out")


def _failed(out: Path) -> dict[str, set[str]]:
    """Return the planned cells that failed; judges speak of others, too, which count for nothing."""
    planned = {
        (item["requirement"], item["subject"])
        for item in json.loads((out / "run.json").read_text("utf-8"))["subjects"]
        if "skip" not in item
    }
    found: dict[str, set[str]] = {}
    for line in (out / "findings.ndjson").read_text("utf-8").splitlines():
        finding = json.loads(line)
        if finding["outcome"] == "fail" and (finding["requirement"], finding["subject"]) in planned:
            found.setdefault(finding["requirement"], set()).add(finding["subject"])
    return found


@pytest.mark.parametrize("deviations", RUNS, ids=lambda items: "+".join(items) or "faithful")
def test_a_server_fails_what_it_deviates_in_and_nothing_else(
    tmp_path: Path, deviations: tuple[Deviation, ...]
) -> None:
    with DocumentServer(DOCUMENT, deviations) as server:
        found = failed(tmp_path, server.url, *LAYERS, *BEYOND)

    assert found == {name: where for item in deviations for name, where in BREAKS[item].items()}


def test_every_deviation_is_tried() -> None:
    assert {item for run in RUNS for item in run} == set(Deviation) == set(BREAKS)


#: The interactions of the pact that no longer hold; the others are verified.
BROKEN_PROMISES = {
    Deviation.STATUS: {"adds no book of no title", "reads no book of number 0"},
    Deviation.MEDIA_TYPE: {"adds a book", "is told that it is open", "reads a book", "reads its card"},
    Deviation.SCHEMA: {"adds a book", "is told that it is open", "reads a book", "reads its card"},
    Deviation.AUTH: {"shows nobody a card"},
}


@pytest.mark.parametrize("deviation", [None, *BROKEN_PROMISES])
def test_a_consumer_that_read_the_same_document_misses_what_the_server_deviates_in(
    tmp_path: Path, deviation: Deviation | None
) -> None:
    with DocumentServer(DOCUMENT, [deviation] if deviation else []) as server:
        found = failed(
            tmp_path,
            server.url,
            *("--layer", "contracts", "--select", "testing.interactions-verified"),
            profile="core",
        )

    broken = {subject.partition(": ")[2] for subject in found.get("testing.interactions-verified", ())}
    assert set(found) <= {"testing.interactions-verified"}
    assert broken == (BROKEN_PROMISES[deviation] if deviation else set())
