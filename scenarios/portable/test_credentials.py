"""Credentials are taken where they belong, and no other spelling of a request does without them."""

from collections.abc import Iterator, Mapping, Sequence

import httpx
import pytest

from harness.layers.scenarios.answers import form_of
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.guarded import Guarded
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import somebody, token_of

_QUERY_NAMES = ("access_token", "token", "auth_token", "api_key")
_CLAIMS: Sequence[Mapping[str, str]] = (
    {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    {"X-HTTP-Method-Override": "OPTIONS", "X-Method-Override": "OPTIONS", "X-HTTP-Method": "OPTIONS"},
    {"X-Original-URL": "/", "X-Rewrite-URL": "/"},
    {"X-Forwarded-User": "admin", "X-Remote-User": "admin", "X-User": "admin", "X-User-Id": "1"},
)


@pytest.mark.requirement("security.token-not-taken-from-query")
def test_a_token_in_the_query_opens_nothing(
    guarded: Sequence[Guarded], target: ScenarioContext, client: httpx.Client, pace: Pace
) -> None:
    """A real token that stands in the address and not in a header is refused."""
    token = token_of(somebody(target))
    for read in guarded[:2]:
        for name in _QUERY_NAMES:
            mark = "&" if "?" in read.path else "?"
            answer = pace.ask(client, "GET", f"{read.path}{mark}{name}={token}")
            where = f"{read.operation.subject} with the token in the query parameter {name}"
            assert not answer.is_success, f"{where} answered {answer.status_code}"


@pytest.mark.requirement("security.authentication-not-evaded")
def test_no_other_spelling_of_the_path_opens_it(
    guarded: Sequence[Guarded], client: httpx.Client, pace: Pace
) -> None:
    """Without credentials no spelling of a guarded path is answered with what it guards."""
    base = client.base_url.path.rstrip("/")
    for read in guarded[:3]:
        for spelling in spellings(base + read.path):
            answer = pace.ask(client, "GET", read.path, extensions={"target": spelling.encode()})
            check_kept(read, answer, f"GET {spelling} without credentials")


@pytest.mark.requirement("security.authentication-not-evaded")
def test_no_claim_in_a_header_opens_it(guarded: Sequence[Guarded], client: httpx.Client, pace: Pace) -> None:
    """Without credentials no header that claims an origin, a method or a name opens a guarded path."""
    for read in guarded[:3]:
        for claim in _CLAIMS:
            answer = pace.ask(client, "GET", read.path, headers=claim)
            check_kept(read, answer, f"GET {read.path} without credentials, with {', '.join(claim)}")


def spellings(path: str) -> Iterator[str]:
    """Yield spellings that a router might take for the same path, and a check before it for another."""
    plain, mark, query = path.partition("?")
    rest = mark + query
    stem, _, last = plain.rpartition("/")
    yield f"{plain}/{rest}"
    yield f"/{plain}{rest}"
    yield f"/.{plain}{rest}"
    yield f"{plain}/.{rest}"
    yield f"{plain}.json{rest}"
    yield f"{plain};x=1{rest}"
    yield f"{plain}%20{rest}"
    yield f"{stem}/{last.upper()}{rest}"
    yield f"{stem}/%{ord(last[:1] or '.'):02x}{last[1:]}{rest}"
    yield f"/public/..{plain}{rest}"


def check_kept(read: Guarded, answer: httpx.Response, what: str) -> None:
    """What is guarded does not come; any other page may."""
    form = form_of(read.opened)
    is_same = answer.content == read.opened.content or (bool(form) and form_of(answer) == form)
    assert not (answer.is_success and is_same), (
        f"{what} answered {answer.status_code} with what {read.operation.subject} answers to credentials"
    )
