"""Defects made of shared pieces are wrong where they say so, and count it; their twins are not."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from reference_impl.app import create_app
from reference_impl.settings import Settings

_LATER = "2099-01-01T00:00:00Z"
Shows = Callable[["Reference"], bool]


class Reference:
    """The whole reference with one defect or twin, and two users of one tenant."""

    def __init__(self, stack: ExitStack, folder: Path, defect: str) -> None:
        settings = Settings(data_dir=folder, control=True, rate_scale=1000.0, defects=(defect,))
        self.client = stack.enter_context(TestClient(create_app(settings), raise_server_exceptions=False))
        self.owner, self.other = self._user(), self._user()

    def _user(self) -> str:
        body = {"state": "a signed-in user", "action": "setup", "params": {"role": "user"}}
        return str(self.client.post("/_control/states", json=body).json()["token"])

    def ask(self, method: str, path: str, token: str = "", **content: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.request(method, path, headers={**headers, **content.pop("headers", {})}, **content)

    def message(self) -> Mapping[str, Any]:
        body = {"channel": "webhook", "to": "https://receiver.example.com/hooks", "text": "Later."}
        sent = self.ask("POST", "/api/hub/messages", self.owner, json={**body, "send_at": _LATER})
        return dict(sent.json())

    def counts(self) -> tuple[int, int]:
        (found,) = self.client.get("/_control/defects").json()["defects"]
        assert found["applied"] is True
        return found["reached"], found["triggered"]


def _shared(reference: Reference) -> bool:
    return "public" in reference.ask("GET", "/auth/me", reference.owner).headers["cache-control"]


def _untyped(reference: Reference) -> bool:
    return "content-type" not in reference.ask("GET", "/health/live").headers


def _not_json(reference: Reference) -> bool:
    return "NaN" in reference.ask("GET", "/api/circuit-breakers/status", reference.owner).text


def _served(path: str) -> Shows:
    return lambda reference: reference.ask("GET", path).status_code == 200


def _believed(reference: Reference) -> bool:
    reference.ask("GET", "/auth/me", reference.owner)
    claimed = {"X-Remote-User": "admin"}
    return reference.ask("GET", "/auth/me", headers=claimed).status_code == 200


def _old_is_open(reference: Reference) -> bool:
    reference.ask("GET", "/auth/me", reference.owner)
    return reference.ask("GET", "/v1/api/circuit-breakers/status").status_code == 200


def _read_by_another(reference: Reference) -> bool:
    path = f"/api/hub/messages/{reference.message()['id']}"
    return reference.ask("GET", path, reference.other).status_code == 200


def _listed_to_another(reference: Reference) -> bool:
    reference.message()
    return bool(reference.ask("GET", "/api/hub/messages", reference.other).json()["items"])


def _larger_than_asked_for(reference: Reference) -> bool:
    for _ in range(3):
        reference.message()
    listed = reference.ask("GET", "/api/hub/messages?limit=1", reference.owner).json()
    return len(listed["items"]) > 1


def _in_two_words(reference: Reference) -> bool:
    return " " in reference.ask("GET", "/nowhere").json()["instance"]


def _dangling(reference: Reference) -> bool:
    return "QueuesShown" in reference.ask("GET", "/openapi.json").text


def _one_id(reference: Reference) -> bool:
    first, second = (reference.ask("GET", "/health/live").headers["x-request-id"] for _ in range(2))
    return first == second


def _batch_answered(reference: Reference) -> bool:
    answer = reference.ask("POST", "/graphql", reference.owner, json=[{"query": "{__typename}"}] * 3)
    return answer.status_code == 200 and len(answer.json()) == 3


SHOWN: Mapping[str, Shows] = {
    "own-account-cached-for-all": _shared,
    "health-untyped": _untyped,
    "number-that-is-none": _not_json,
    "environment-file-served": _served("/.env"),
    "debug-variables-open": _served("/debug/vars"),
    "proxy-user-believed": _believed,
    "old-version-open": _old_is_open,
    "message-open-by-id": _read_by_another,
    "hub-list-shows-tenant": _listed_to_another,
    "page-size-ignored": _larger_than_asked_for,
    "problem-of-two-words": _in_two_words,
    "reference-points-nowhere": _dangling,
    "request-id-of-the-process": _one_id,
    "graphql-batches-unlimited": _batch_answered,
}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], Reference]]:
    with ExitStack() as stack:
        yield lambda defect: Reference(stack, tmp_path, defect)


@pytest.mark.parametrize("defect", SHOWN)
def test_a_defect_is_wrong_where_it_says_and_counts_it(
    started: Callable[[str], Reference], defect: str
) -> None:
    reference = started(defect)

    assert SHOWN[defect](reference)

    reached, triggered = reference.counts()
    assert reached > 0
    assert triggered > 0


@pytest.mark.parametrize("defect", SHOWN)
def test_a_twin_is_not_wrong_there_and_counts_nothing_as_wrong(
    started: Callable[[str], Reference], defect: str
) -> None:
    reference = started(f"{defect}:twin")

    assert not SHOWN[defect](reference)
    assert reference.counts()[1] == 0
