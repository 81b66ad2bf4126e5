"""Pages of foreign sites cannot use a visitor's credentials."""

import httpx
import pytest

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients


def check_closed(answer: httpx.Response, origin: str) -> None:
    """A welcome opens the door when credentials may come along; without them it is an open API's."""
    allowed = answer.headers.get("access-control-allow-origin", "")
    credentials = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
    where = f"{answer.request.method} {answer.request.url.path} with Origin {origin}"
    assert not (credentials and allowed in {"*", "null", origin}), (
        f"{where} is answered with Access-Control-Allow-Origin: {allowed} and credentials allowed"
    )


def origins(target: ScenarioContext) -> tuple[str, ...]:
    """Return origins that the target's owner has no site at: foreign, null, plain, and look-alikes."""
    address = httpx.URL(target.base_url)
    look_alike = (
        f"https://{address.host}.attacker.example",
        f"https://attacker{address.host}",
        f"https://{address.host.replace('.', 'x', 1)}",
    )
    plain = (f"http://{address.host}",) if address.scheme == "https" else ()
    return ("https://attacker.example", "null", *look_alike, *plain)


@pytest.mark.requirement("security.cors-closed")
def test_a_foreign_page_cannot_read_with_credentials(
    client: httpx.Client, target: ScenarioContext, known_path: str
) -> None:
    """No foreign origin is allowed to read answers with credentials."""
    for origin in origins(target):
        check_closed(client.get(known_path, headers={"Origin": origin}), origin)


@pytest.mark.requirement("security.cors-closed")
def test_a_foreign_page_is_not_invited_to_send_credentials(
    client: httpx.Client, target: ScenarioContext, known_path: str
) -> None:
    """No preflight of a foreign origin is answered with credentials allowed."""
    asked = {
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    for origin in origins(target):
        check_closed(client.options(known_path, headers={"Origin": origin, **asked}), origin)


@pytest.mark.requirement("security.cors-closed")
def test_a_foreign_page_cannot_read_what_a_signed_in_visitor_may(
    clients: Clients, target: ScenarioContext, known_path: str
) -> None:
    """The answer to a signed-in request is as closed to foreign origins as any other."""
    headers = next(iter(target.sessions.values())).headers if target.sessions else {}
    client = clients(headers)
    for origin in origins(target):
        check_closed(client.get(known_path, headers={"Origin": origin}), origin)
