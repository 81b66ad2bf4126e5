"""What the judges of security take for a flaw and what they leave alone, also on a real service."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from harness.core.exchange import Exchange, Request, Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.judging import judge_all, judges
from harness.judges.protocol import Recorded
from harness.target.openapi import read_openapi
from tests.targets.notes_api import NotesServer
from tests.targets.notes_document import document

PASS, FAIL = Outcome.PASS, Outcome.FAIL
TOKEN = {"Authorization": "Bearer x"}


def judged(identity: str, *exchanges: Exchange, **declared: Any) -> tuple[Finding, ...]:
    return judge_all(
        recorded(*exchanges, **declared), among=[item for item in judges() if item.id == identity]
    )


def challenged(value: str, **sent: Any) -> Exchange:
    return exchange(401, headers={"WWW-Authenticate": value}, **sent)


def setting(cookie: str) -> Exchange:
    return exchange(200, "{}", headers={"Set-Cookie": cookie})


def item_schema(**properties: Any) -> Mapping[str, Any]:
    schema = {"type": "object", "properties": properties}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    return {
        "paths": {"/items/{id}": {"get": {"responses": {"200": answer}}}},
        "components": {"schemas": {"Item": {"allOf": [schema]}}},
    }


FLAWED = {
    "a 401 without a challenge": ("challenges", exchange(401), "challenge-missing"),
    "a challenge without words": ("challenges", challenged("  "), "challenge-missing"),
    "a refused token and no error": ("bearer-errors", challenged("Bearer", sent=TOKEN), "error-missing"),
    "a token that may be cached": (
        "token-caching",
        exchange(200, '{"data": {"accessToken": "x"}}', headers={"Cache-Control": "private"}),
        "token-cacheable",
    ),
    "a cookie that scripts read": (
        "cookie-attributes",
        setting("connect.sid=x; SameSite=Lax"),
        "httponly-missing",
    ),
    "a cookie that goes to all sites": (
        "cookie-attributes",
        setting("PHPSESSID=x; HttpOnly"),
        "samesite-missing",
    ),
    "a version in a header": (
        "server-versions",
        exchange(200, "{}", headers={"X-Powered-By": "PHP/8.1.2"}),
        "version-told",
    ),
    "a version alone": (
        "server-versions",
        exchange(200, "{}", headers={"X-AspNet-Version": "4.0.30319"}),
        "version-told",
    ),
    "a redirect with a token": (
        "token-addresses",
        exchange(302, headers={"Location": "https://a.example/#access_token=x"}),
        "token-in-address",
    ),
    "a relative address in a Link field": (
        "token-addresses",
        exchange(200, "{}", headers={"Link": '</me?access_token=x>; rel="next"'}),
        "token-in-address",
    ),
    "a link with a key": (
        "token-addresses",
        exchange(200, '{"next": "/items?page=2&api_key=x"}'),
        "token-in-address",
    ),
}

FINE = {
    "a challenge": ("challenges", challenged('Basic realm="x"')),
    "a refused token with its error": (
        "bearer-errors",
        challenged('Bearer realm="x", error="invalid_token"', sent=TOKEN),
    ),
    "no token and no error": ("bearer-errors", challenged('Basic realm="x", Bearer realm="y"')),
    "a token that no cache keeps": (
        "token-caching",
        exchange(200, '{"refresh_token": "x"}', headers={"Cache-Control": "private, No-Store"}),
    ),
    "a guarded cookie": ("cookie-attributes", setting("session=x; Path=/; httponly; samesite=strict")),
    "a name without a version": ("server-versions", exchange(200, "{}", headers={"Server": "nginx"})),
    "an address that the caller sent": (
        "token-addresses",
        exchange(404, '{"instance": "/items?access_token=x"}', target="/items?access_token=x"),
    ),
    "an address with a page": ("token-addresses", exchange(200, '{"next": "/items?page_token=x"}')),
    "a relative address without a token in a Link field": (
        "token-addresses",
        exchange(200, "{}", headers={"Link": '</me?page_token=x>; rel="next"'}),
    ),
    "an address in a document": (
        "token-addresses",
        exchange(200, '{"openapi": "3.1.0", "x": "https://a.example/?api_key=x"}'),
    ),
}

SILENT = {
    "no 401": ("challenges", exchange(403)),
    "no bearer challenge": ("bearer-errors", challenged("Basic")),
    "no token": ("token-caching", exchange(200, '{"access_token": null}')),
    "a refused log-in": ("token-caching", exchange(401, '{"access_token": "x"}')),
    "another cookie": ("cookie-attributes", setting("theme=dark")),
    "an author's cookie": ("cookie-attributes", setting("author=dark")),
    "a cookie for scripts": ("cookie-attributes", setting("session_csrf=x")),
    "a cookie taken away": ("cookie-attributes", setting("session=; Max-Age=0")),
    "no operation": ("secret-members", exchange(200, '{"password": "x"}', target="/other")),
    "an error": ("secret-members", exchange(422, '{"password": "too short"}')),
}


@pytest.mark.parametrize("name", list(FLAWED))
def test_a_flaw_is_named_with_its_exchange(name: str) -> None:
    judge, item, reason = FLAWED[name]

    (finding,) = judged(judge, item)

    assert (finding.outcome, finding.reason, finding.exchanges) == (FAIL, reason, (item.id,))


@pytest.mark.parametrize("name", list(FINE))
def test_what_is_right_passes(name: str) -> None:
    judge, item = FINE[name]

    (finding,) = judged(judge, item)

    assert finding.outcome is PASS


@pytest.mark.parametrize("name", list(SILENT))
def test_what_shows_nothing_is_not_judged(name: str) -> None:
    judge, item = SILENT[name]

    assert judged(judge, item, operations=[item_operation()]) == ()


@pytest.mark.parametrize("challenge", ['Bearer error="invalid_token"', "Bearer"])
@pytest.mark.parametrize(("is_secured", "outcomes"), [(True, [FAIL]), (False, [])])
def test_only_where_a_token_is_asked_for_is_a_401_about_it(
    challenge: str, is_secured: bool, outcomes: list[Outcome]
) -> None:
    """A log-in that refuses a password says nothing of the token that came along, nor of one that did not."""
    item = challenged(challenge, sent=None if "error" in challenge else TOKEN)
    operation = replace(item_operation(), is_secured=is_secured)

    found = judged("bearer-errors", item, operations=[operation])

    assert [finding.outcome for finding in found] == outcomes


def test_a_refusal_nobody_documented_may_be_about_its_body() -> None:
    login = replace(challenged("Bearer", sent=TOKEN), request=Request(method="POST", target="/login"))

    assert judged("bearer-errors", login) == ()


def test_over_https_a_session_cookie_is_secure() -> None:
    cookie = setting("session=x; HttpOnly; SameSite=Lax")

    (finding,) = judged("cookie-attributes", cookie, base_url="https://a.example")

    assert finding.reason == "secure-missing"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('{"id": 1, "password": "x"}', FAIL),
        ('{"id": 1, "owner": {"name": "a", "hashed_password": "x"}}', FAIL),
        ('[{"id": 1, "cvv": "123"}]', FAIL),
        ('{"id": 1, "api_key": "x"}', PASS),  # the document declares it
        ('{"id": 1, "pin": "x"}', FAIL),  # the document says that it is only written
        ('{"id": 1, "password": null, "password_changed_at": "2026-11-26"}', PASS),
        ('{"id": 1, "secretary": "x", "salt": "a pinch"}', PASS),
        ('{"id": 1, "properties": {"password": {"type": "string", "title": "Password"}}}', PASS),
    ],
)
def test_a_member_called_like_a_secret_is_shown_only_where_it_is_declared(
    body: str, outcome: Outcome
) -> None:
    properties = {
        "id": {"type": "integer"},
        "api_key": {"type": "string"},
        "pin": {"type": "string", "writeOnly": True},
    }
    (finding,) = judged(
        "secret-members",
        exchange(200, body),
        operations=[item_operation()],
        openapi=item_schema(**properties),
    )

    assert finding.outcome is outcome


def seen_by_a_client(*flaws: str) -> Recorded:
    """Use the notes service for a while and return what a recorder would have kept of it."""
    exchanges: list[Exchange] = []

    def keep(response: httpx.Response) -> None:
        response.read()
        asked = response.request
        exchanges.append(
            Exchange(
                id=f"scenarios-{len(exchanges) + 1}",
                layer=Layer.SCENARIOS,
                request=Request(
                    method=asked.method,
                    target=asked.url.raw_path.decode(),
                    headers=tuple(asked.headers.items()),
                ),
                response=Response(
                    status=response.status_code,
                    headers=tuple(response.headers.multi_items()),
                    body=response.text,
                    body_size=len(response.content),
                ),
            )
        )

    with (
        NotesServer(*flaws) as server,
        httpx.Client(base_url=server.url, trust_env=False, event_hooks={"response": [keep]}) as client,
    ):
        client.get("/api/v2/me")
        client.get("/api/v2/me", headers=TOKEN)
        entered = client.post("/login", json={"username": "alice", "password": "long-alice-pass"})
        bearer = {"Authorization": f"Bearer {entered.json()['access_token']}"}
        for path in ("/api/v2/me", "/api/v2/notes", "/page?heading=x", "/exit?next=/start", "/nowhere"):
            client.get(path, headers=bearer)
    declared = read_openapi(httpx.Response(200, json=document()).content).operations
    return recorded(*exchanges, operations=declared.all, openapi=document())


BREAKS = {
    "no-challenge": "security.challenge-given",
    "no-bearer-error": "security.bearer-errors-coded",
    "hash-shown": "security.answers-without-secrets",
    "banner": "security.server-version-hidden",
    "cookie-open": "security.cookies-guarded",
    "token-cached": "security.tokens-not-cached",
    "token-in-link": "security.tokens-not-in-addresses",
}


def outcomes(seen: Recorded) -> Mapping[str, Outcome]:
    return {each.requirement: each.outcome for each in judge_all(seen) if each.requirement in BREAKS.values()}


def test_a_sound_service_passes_every_judge_of_security() -> None:
    assert outcomes(seen_by_a_client()) == dict.fromkeys(BREAKS.values(), PASS)


@pytest.mark.parametrize("flaw", list(BREAKS))
def test_a_flawed_service_fails_the_judge_of_its_flaw_and_no_other(flaw: str) -> None:
    told = outcomes(seen_by_a_client(flaw))

    assert {name for name, outcome in told.items() if outcome is FAIL} == {BREAKS[flaw]}


@pytest.mark.parametrize(
    "page",
    [
        "<title>KeyError // Werkzeug Debugger</title>",
        "You're seeing this error because you have <code>DEBUG = True</code> in your Django settings file",
        "<h1>Action Controller: Exception caught</h1>",
        "<pre>Error: x<br> &nbsp; &nbsp;at Layer.handle (/srv/node/index.js:95:5)</pre>",
        '{"exception": "java.lang.IllegalStateException"}',
        "[Recovery] 2026/11/26 - 10:00:00 panic recovered:\nruntime error: index out of range",
        "Server Error in '/' Application.",
        "Fatal error: Uncaught TypeError in /var/www/html/index.php:12",
        "goroutine 1 [running]:\nmain.main()",
    ],
)
def test_the_debug_page_of_a_framework_is_a_stack_trace_shown(page: str) -> None:
    item = exchange(500, page, media_type="text/html")

    (finding,) = judged("stack-traces", item)

    assert finding.outcome is FAIL


def test_prose_about_errors_is_no_debug_page() -> None:
    item = exchange(500, "<h1>Something went wrong</h1><p>Our debuggers are on it. Error 500.</p>")

    (finding,) = judged("stack-traces", replace(item, id="scenarios-9"))

    assert finding.outcome is PASS
