"""What the web client expects of auth, search and chapters."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pact import Pact, match

from tests.contracts.consuming import (
    PROBLEM,
    PROVIDER,
    Interaction,
    bearer,
    committed,
    from_state,
    identity,
    instant,
    play,
    problem,
    written,
)

CONSUMER = "web-client"
_CHAPTERS = """query Chapters($document: ID!) {
  chapters(documentId: $document, first: 2) {
    totalCount
    edges { cursor node { id title level position } }
    pageInfo { hasNextPage endCursor }
  }
}"""
_UPLOAD = """mutation Upload($title: String!, $content: String!) {
  uploadDocument(title: $title, content: $content, format: MARKDOWN) {
    document { id title format size }
    userErrors { code field message }
  }
}"""


class WebClient:
    """The part of the web client that speaks to CORE."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def register(self, email: str, password: str) -> bool:
        answer = self._http.post("/auth/register", json={"email": email, "password": password})
        return answer.status_code == 202 and answer.json()["status"] == "accepted"

    def log_in(self, email: str, password: str) -> int | None:
        answer = self._http.post("/auth/login", json={"email": email, "password": password})
        if answer.status_code == 401:
            return None
        self._tokens = (answer.json()["access_token"], answer.json()["refresh_token"])
        return int(answer.json()["expires_in"])

    def refresh(self, token: str) -> str:
        return str(self._http.post("/auth/refresh", json={"refresh_token": token}).json()["access_token"])

    def me(self) -> tuple[str, list[str]] | None:
        answer = self._http.get("/auth/me")
        if answer.status_code == 401:
            return None
        return answer.json()["email"], answer.json()["roles"]

    def log_out(self) -> bool:
        return self._http.post("/auth/logout").status_code == 204

    def search(self, kind: str, words: str) -> list[str]:
        answer = self._http.get(f"/api/search/{kind}", params={"q": words})
        return [result["url"] for result in answer.json()["results"]]

    def search_problem(self, words: str) -> str:
        answer = self._http.get("/api/search/web", params={"q": words})
        return str(answer.json()["errors"][0]["pointer"])

    def upload(self, title: str, content: str) -> str:
        variables = {"title": title, "content": content}
        return str(self._query(_UPLOAD, "Upload", variables)["uploadDocument"]["document"]["id"])

    def chapter_titles(self, document: str) -> list[str]:
        found = self._query(_CHAPTERS, "Chapters", {"document": document})["chapters"]
        return [edge["node"]["title"] for edge in found["edges"]]

    def _query(self, query: str, name: str, variables: dict[str, str]) -> Any:
        body = {"query": query, "operationName": name, "variables": variables}
        answer: httpx.Response = self._http.post("/graphql", json=body)
        return answer.json()["data"]


def _tokens() -> dict[str, Any]:
    return {
        "access_token": match.regex("a.b.c", regex=r"^[\w-]+\.[\w-]+\.[\w-]+$"),
        "token_type": "Bearer",
        "expires_in": match.int(300),
        "refresh_token": match.str("refresh-1"),
    }


def _registers(pact: Pact) -> None:
    (
        pact.upon_receiving("registers an account")
        .with_request("POST", "/auth/register")
        .with_body(
            {"email": match.like("new@example.org"), "password": match.like("nine green bottles on a wall")}
        )
        .will_respond_with(202)
        .with_body({"status": "accepted", "detail": match.str("Log in with it.")})
    )


def _logs_in(pact: Pact) -> None:
    (
        pact.upon_receiving("logs in")
        .given("a registered user")
        .with_request("POST", "/auth/login")
        .with_body(
            {
                "email": from_state("someone@example.org", "${email}"),
                "password": from_state("nine green bottles on a wall", "${password}"),
            }
        )
        .will_respond_with(200)
        .with_body(_tokens())
    )


def _logs_in_wrongly(pact: Pact) -> None:
    (
        pact.upon_receiving("is refused with a wrong password")
        .given("a registered user")
        .with_request("POST", "/auth/login")
        .with_body({"email": from_state("someone@example.org", "${email}"), "password": "not the password"})
        .will_respond_with(401)
        .with_header("WWW-Authenticate", match.regex("Bearer", regex="^Bearer.*$"))
        .with_body(problem(401, "invalid-credentials"), PROBLEM)
    )


def _refreshes(pact: Pact) -> None:
    (
        pact.upon_receiving("refreshes its tokens")
        .given("a signed-in user")
        .with_request("POST", "/auth/refresh")
        .with_body({"refresh_token": from_state("refresh-1", "${refresh_token}")})
        .will_respond_with(200)
        .with_body(_tokens())
    )


def _reads_itself(pact: Pact) -> None:
    (
        pact.upon_receiving("reads who it is")
        .given("a signed-in user")
        .with_request("GET", "/auth/me")
        .with_header("Authorization", bearer())
        .will_respond_with(200)
        .with_body(
            {
                "id": identity("usr"),
                "email": match.regex("someone@example.org", regex=r"^\S+@\S+$"),
                "roles": match.each_like("user"),
                "permissions": match.each_like("search:read"),
                "created_at": instant(),
            }
        )
    )


def _is_nobody(pact: Pact) -> None:
    (
        pact.upon_receiving("is nobody without a token")
        .with_request("GET", "/auth/me")
        .will_respond_with(401)
        .with_body(problem(401, "unauthorized"), PROBLEM)
    )


def _logs_out(pact: Pact) -> None:
    (
        pact.upon_receiving("logs out")
        .given("a signed-in user")
        .with_request("POST", "/auth/logout")
        .with_header("Authorization", bearer())
        .will_respond_with(204)
    )


def _searches(pact: Pact, kind: str) -> None:
    (
        pact.upon_receiving(f"searches the {kind}")
        .given("a signed-in user")
        .given("search answers", q="circuit breakers", kind=kind)
        .with_request("GET", f"/api/search/{kind}")
        .with_header("Authorization", bearer())
        .with_query_parameter("q", "circuit breakers")
        .will_respond_with(200)
        .with_body(
            {
                "kind": kind,
                "query": "circuit breakers",
                "results": match.each_like(
                    {
                        "title": match.str("Circuit breakers"),
                        "url": match.regex("https://example.org/1", regex=r"^https?://\S+$"),
                        "description": match.like("What they are."),
                    }
                ),
                "source": match.regex("brave", regex="^(brave|stale-cache|degraded)$"),
                "degraded": match.bool(False),
            }
        )
    )


def _searches_for_nothing(pact: Pact) -> None:
    (
        pact.upon_receiving("searches for nothing")
        .given("a signed-in user")
        .with_request("GET", "/api/search/web")
        .with_header("Authorization", bearer())
        .with_query_parameter("q", "")
        .will_respond_with(422)
        .with_body(
            {
                **problem(422, "unprocessable"),
                "errors": match.each_like({"pointer": match.str("/q"), "detail": match.str("is too short")}),
            },
            PROBLEM,
        )
    )


def _uploads(pact: Pact) -> None:
    (
        pact.upon_receiving("uploads a document")
        .given("a signed-in user")
        .with_request("POST", "/graphql")
        .with_header("Authorization", bearer())
        .with_body(
            {
                "query": _UPLOAD,
                "operationName": "Upload",
                "variables": {"title": "A field guide", "content": "# One\n\nText."},
            }
        )
        .will_respond_with(200)
        .with_body(
            {
                "data": {
                    "uploadDocument": {
                        "document": {
                            "id": identity("doc"),
                            "title": "A field guide",
                            "format": "MARKDOWN",
                            "size": match.int(12),
                        },
                        "userErrors": [],
                    }
                }
            }
        )
    )


def _lists_chapters(pact: Pact) -> None:
    (
        pact.upon_receiving("lists the chapters of a document")
        .given("a signed-in user")
        .given("an extracted document", chapters=3)
        .with_request("POST", "/graphql")
        .with_header("Authorization", bearer())
        .with_body(
            {
                "query": _CHAPTERS,
                "operationName": "Chapters",
                "variables": {"document": from_state("doc_1", "${document_id}")},
            }
        )
        .will_respond_with(200)
        .with_body(
            {
                "data": {
                    "chapters": {
                        "totalCount": 3,
                        "edges": match.each_like(
                            {
                                "cursor": match.str("c1"),
                                "node": {
                                    "id": identity("chp"),
                                    "title": match.str("Chapter 1"),
                                    "level": match.int(1),
                                    "position": match.int(0),
                                },
                            }
                        ),
                        "pageInfo": {"hasNextPage": True, "endCursor": match.str("c2")},
                    }
                }
            }
        )
    )


INTERACTIONS = (
    Interaction(
        name="registers",
        describe=_registers,
        act=lambda http: WebClient(http).register("new@example.org", "nine green bottles on a wall"),
        gives=True,
    ),
    Interaction(
        name="logs in",
        describe=_logs_in,
        act=lambda http: WebClient(http).log_in("someone@example.org", "nine green bottles on a wall"),
        gives=300,
    ),
    Interaction(
        name="wrong password",
        describe=_logs_in_wrongly,
        act=lambda http: WebClient(http).log_in("someone@example.org", "not the password"),
        gives=None,
    ),
    Interaction(
        name="refreshes",
        describe=_refreshes,
        act=lambda http: WebClient(http).refresh("refresh-1"),
        gives="a.b.c",
    ),
    Interaction(
        name="reads itself",
        describe=_reads_itself,
        act=lambda http: WebClient(http).me(),
        gives=("someone@example.org", ["user"]),
    ),
    Interaction(name="nobody", describe=_is_nobody, act=lambda http: WebClient(http).me(), gives=None),
    Interaction(name="logs out", describe=_logs_out, act=lambda http: WebClient(http).log_out(), gives=True),
    Interaction(
        name="searches the web",
        describe=lambda pact: _searches(pact, "web"),
        act=lambda http: WebClient(http).search("web", "circuit breakers"),
        gives=["https://example.org/1"],
    ),
    Interaction(
        name="searches the news",
        describe=lambda pact: _searches(pact, "news"),
        act=lambda http: WebClient(http).search("news", "circuit breakers"),
        gives=["https://example.org/1"],
    ),
    Interaction(
        name="searches for nothing",
        describe=_searches_for_nothing,
        act=lambda http: WebClient(http).search_problem(""),
        gives="/q",
    ),
    Interaction(
        name="uploads",
        describe=_uploads,
        act=lambda http: WebClient(http).upload("A field guide", "# One\n\nText."),
        gives="doc_01J9ZQ4M5N6P7R8S9T0VWXYZ12",
    ),
    Interaction(
        name="lists chapters",
        describe=_lists_chapters,
        act=lambda http: WebClient(http).chapter_titles("doc_1"),
        gives=["Chapter 1"],
    ),
)


@pytest.mark.parametrize("interaction", INTERACTIONS, ids=lambda item: item.name)
def test_the_web_client_understands_what_it_asked_for(interaction: Interaction, tmp_path: Path) -> None:
    play(CONSUMER, PROVIDER, interaction, tmp_path)


def test_the_committed_pact_of_the_web_client_is_what_its_tests_write(tmp_path: Path) -> None:
    fresh = written(CONSUMER, PROVIDER, INTERACTIONS, tmp_path)

    assert committed(CONSUMER, PROVIDER) == fresh, "write it again: UPDATE_PACTS=1 pytest tests/contracts"
