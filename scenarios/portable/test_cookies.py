"""Where a cookie is the credential, no other site makes a browser write with it (CWE-352).

Tried is what a form on another site can send without asking for leave by CORS: plain text or a form, with the
cookie, the foreign Origin and nothing else. A cookie that is SameSite does not come along in the first place.
"""

from collections.abc import Iterator, Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.entering import FrontDoor
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import people
from harness.layers.scenarios.samples import CannotSample, valid_body, valid_form
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import logins, registrations, resources

_ELSEWHERE = {
    "Origin": "https://elsewhere.example",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "no-cors",
}
_TOKEN_HEADERS = ("X-CSRF-Token", "X-CSRFToken", "X-XSRF-Token")
_KEPT_BACK = frozenset({"lax", "strict"})


@pytest.fixture
def by_cookie(target: ScenarioContext) -> Credentials:
    """Somebody whose only credential is a cookie."""
    for who in people(target):
        if [name.lower() for name in who.headers] == ["cookie"]:
            return who
    raise Inconclusive("no-cookie-session", "No identity of the target file acts with a cookie alone.")


@pytest.fixture
def sent_anywhere(
    by_cookie: Credentials,
    client: httpx.Client,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    target: ScenarioContext,
) -> Sequence[str]:
    """The cookies of that session that browsers send from other sites, as an own log-in sets them."""
    door = FrontDoor(client=client, document=document, prefix=target.path_prefix)
    account = next(map(door.register, registrations(operations, document)), None)
    entrance = next(iter(logins(operations, document)), None)
    if account is None or entrance is None:
        raise Inconclusive("cookie-unseen", "No log-in of our own shows how the session's cookie is set.")
    answer = door.send(entrance, account.username, account.password)
    names = {
        part.split("=")[0].strip() for part in by_cookie.headers[next(iter(by_cookie.headers))].split(";")
    }
    set_here: dict[str, str] = {}
    for line in answer.headers.get_list("set-cookie"):
        for name, morsel in SimpleCookie(line).items():
            set_here[name] = morsel["samesite"].lower()
    seen = names & set(set_here)
    if not seen:
        raise Inconclusive(
            "cookie-unseen", f"The log-in answered {answer.status_code} and sets no such cookie."
        )
    return [name for name in seen if set_here[name] not in _KEPT_BACK]


@pytest.mark.requirement("security.cookie-writes-own-site")
@pytest.mark.needs("cookie-auth")
@pytest.mark.writes
def test_no_other_site_writes_with_somebodys_cookie(
    *,
    by_cookie: Credentials,
    sent_anywhere: Sequence[str],
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    target: ScenarioContext,
    clients: Clients,
    pace: Pace,
) -> None:
    """A creation that a form on another site could send, with the cookie alone, is refused."""
    if not sent_anywhere:
        return  # a browser keeps the session's cookie at home
    client = clients(by_cookie.headers, identity=by_cookie.name)
    judged = 0
    for create in (each.create for each in pace.some(resources(operations))):
        path = target.path_prefix + create.path
        for body, usual, forged in [] if target.withholds(create) else forms(create, document):
            own = {**usual, **proof(by_cookie)}
            if not pace.ask(client, "POST", path, content=body, headers=own).is_success:
                continue
            answer = pace.ask(client, "POST", path, content=body, headers={**forged, **_ELSEWHERE})
            judged += 1
            assert not answer.is_success, (
                f"{create.subject} answered {answer.status_code} to {forged['Content-Type']} from another "
                f"site with the cookie alone, and {', '.join(sent_anywhere)} is not SameSite"
            )
    if not judged:
        raise Inconclusive("nothing-made", "No creation was accepted with the cookie in the first place.")


def forms(
    create: Operation, document: Mapping[str, Any]
) -> Iterator[tuple[bytes, dict[str, str], dict[str, str]]]:
    """Yield bodies that make an object, with the headers that are usual and those that a form can have."""
    try:
        made = httpx.Request("POST", "http://form", json=valid_body(create, document, with_optional=True))
        yield made.read(), {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
    except CannotSample:
        pass
    try:
        made = httpx.Request("POST", "http://form", data=dict(valid_form(create, document)))
        yield made.read(), *({"Content-Type": made.headers["content-type"]} for _ in range(2))
    except CannotSample:
        pass


def proof(who: Credentials) -> dict[str, str]:
    """Return the headers by which a page of the target's own shows that it is one, as a cookie says."""
    cookies = SimpleCookie(next(iter(who.headers.values())))
    tokens = [
        morsel.value for name, morsel in cookies.items() if "csrf" in name.lower() or "xsrf" in name.lower()
    ]
    return dict.fromkeys(_TOKEN_HEADERS, tokens[0]) if tokens else {}
