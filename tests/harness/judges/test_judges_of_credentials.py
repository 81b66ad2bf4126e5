"""What the judges of cookies, challenges and tokens say, and where each of them draws its line."""

from dataclasses import replace
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.core.operation import Operation
from harness.judges.examples import exchange, item_operation
from tests.harness.judges.asking import answered, at_item, judged, told

FINE = ("as-required", "1 of 1 answers")
HERE = "1 of 1 answers: GET /items/1"


def headed(*headers: tuple[str, str]) -> Exchange:
    """Return an answer with these fields, each of them in its own line."""
    return answered(exchange(200), headers=headers)


def test_a_cookie_of_a_session_is_versionswith_all_that_it_lacks() -> None:
    def setting(*cookies: str, base: str = "http://a.example") -> list[tuple[str, str]]:
        item = headed(*(("Set-Cookie", cookie) for cookie in cookies))
        return told("cookie-attributes", item, base_url=base)

    assert setting(" session = x ; Path=/", base="https://a.example") == [
        ("httponly-missing", f"{HERE} sets the cookie session without httponly, samesite, secure")
    ]
    assert setting("session=x; HttpOnly ; SameSite = Lax; Secure", base="https://a.example") == [FINE]
    assert setting("session=x; HttpOnly; SameSite=Lax") == [FINE]
    assert setting("session=; Path=/", "csrf_session=x", "theme=dark", "author=x") == []
    assert setting("theme=dark", "sid=eA==") == [
        ("httponly-missing", f"{HERE} sets the cookie sid without httponly, samesite")
    ]


def test_every_header_that_tells_a_version_is_quoted() -> None:
    headers = [
        ("Server", "nginx/1.18.0"),
        ("X-Powered-By", "Express"),
        ("X-Powered-By", "PHP/8.1"),
        ("X-AspNet-Version", "4.0.30319"),
        ("X-AspNetMvc-Version", "5.2.1"),
        ("X-Generator", "Drupal 9.1"),
        ("X-Other", "Thing/1.0"),
    ]

    versions = "server: nginx/1.18.0, x-powered-by: PHP/8.1, x-aspnet-version: 4.0.30319, "
    versions += "x-aspnetmvc-version: 5.2.1, x-generator: Drupal 9.1"
    assert told("server-versions", headed(*headers)) == [
        (
            "version-told",
            f"{HERE} answered 200 with {versions}",
        )
    ]


def test_a_401_without_a_challenge_is_told() -> None:
    assert told("challenges", exchange(401)) == [
        ("challenge-missing", f"{HERE} answered 401 without WWW-Authenticate")
    ]
    assert told("challenges", exchange(401, headers={"WWW-Authenticate": "Basic"})) == [FINE]
    assert told("challenges", exchange(400)) == []


def bearing(challenge: str, sent: str = "", *, secured: bool | None = None, method: str = "GET") -> Any:
    item = answered(
        exchange(401, method=method, sent={"Authorization": sent} if sent else {}),
        headers=tuple(("WWW-Authenticate", each) for each in challenge.split("|")),
    )
    operation = replace(item_operation(), method=method, is_secured=bool(secured))
    operations = [] if secured is None else [operation]
    return told("bearer-errors", item, operations=operations)


def missing(challenge: str) -> str:
    return f"error-missing to a bearer token with {challenge!r}, which names no error"


UNASKED = "error-unasked to no credentials at all with error=invalid_token"


@pytest.mark.parametrize(
    ("challenge", "sent", "secured", "said"),
    [
        ("Bearer", "bearer x", None, missing("Bearer")),
        ("Basic|Bearer", "Bearer x", True, missing("Basic, Bearer")),
        ('Basic realm="x", BEARER', "Bearer x", True, missing('Basic realm="x", BEARER')),
        ('Bearer error="invalid_token"', "Bearer x", True, ""),
        ("Bearer error=invalid_token", "", True, UNASKED),
        ("Bearer error=invalid_token", "", None, ""),
        ("Bearer error=invalid_token", "Basic x", True, ""),
        ("Bearer", "Bearer ", True, ""),
        ("Bearer", "Basic x", True, ""),
        ("Bearer", "", True, ""),
    ],
)  # fmt: skip
def test_a_challenge_names_an_error_where_a_token_came_and_only_there(
    challenge: str, sent: str, secured: bool | None, said: str
) -> None:
    reason, _, clause = said.partition(" ")

    assert bearing(challenge, sent, secured=secured) == [
        (reason, f"{HERE} answered 401 {clause}") if said else FINE
    ]


@pytest.mark.parametrize(("method", "is_judged"), [("GET", True), ("HEAD", True), ("POST", False)])
def test_where_a_body_may_have_been_refused_nothing_is_said_of_tokens(
    method: str, *, is_judged: bool
) -> None:
    assert bool(bearing("Bearer", "Bearer x", method=method)) is is_judged
    assert bearing("Bearer", "Bearer x", secured=True, method=method)
    assert bearing("Bearer", "Bearer x", secured=False, method=method) == []
    assert bearing("Bearish", "Bearer x", secured=True) == []


def test_a_refusal_that_shows_nothing_does_not_hide_the_next() -> None:
    flawed = exchange(
        401, name="fuzz-3", sent={"Authorization": "Bearer x"}, headers={"WWW-Authenticate": "Bearer"}
    )
    body = replace(flawed, id="fuzz-1", request=replace(flawed.request, method="POST", target="/login"))
    open_ = replace(flawed, id="fuzz-2", request=replace(flawed.request, target="/open"))
    operations = [replace(item_operation(), is_secured=True), Operation(method="GET", path="/open")]

    (found,) = judged("bearer-errors", body, open_, flawed, operations=operations, openapi=at_item({}))

    assert found.exchanges == ("fuzz-3",)


TOKEN = {"Authorization": "Bearer x"}


def kept(value: str | None, sent: Any = TOKEN, status: int = 200, **operation: Any) -> list[tuple[str, str]]:
    headers = {} if value is None else {"Cache-Control": value}
    secured = replace(item_operation(), **{"is_secured": True, **operation})
    item = exchange(status, method=secured.method, sent=sent, headers=headers)
    later = exchange(200, name="scenarios-2", sent=TOKEN, headers={"Cache-Control": "private"})
    operations = [secured, *([replace(item_operation(), is_secured=True)] if secured.method != "GET" else [])]
    return told("private-caching", item, later, operations=operations)


@pytest.mark.parametrize("value", ["public", "max-age=1, PUBLIC", "s-maxage=60", "no-cache,s-maxage=0"])
@pytest.mark.parametrize("name", ["Authorization", "Cookie", "X-API-Key"])
def test_what_a_credential_opened_is_not_offered_to_shared_caches(name: str, value: str) -> None:
    seen = f"1 of 2 answers: GET /items/{{id}} is answered with Cache-Control: {value}"

    assert kept(value, {name: "x"}) == kept(value, {name: "x"}, 299)[:1] == [("shared-by-caches", seen)]


@pytest.mark.parametrize("value", [None, "private", "max-age=60", "republic, x-s-maxage=1"])
def test_what_only_its_owner_may_keep_passes(value: str | None) -> None:
    assert kept(value) == [("as-required", "2 of 2 answers")]


@pytest.mark.parametrize("unjudged", [{"sent": {}}, {"status": 199}, {"status": 300}, {"method": "POST"}])
def test_what_no_credential_opened_may_be_shared_and_hides_no_other(unjudged: Any) -> None:
    assert kept("public", **unjudged) == [FINE]


def test_what_is_open_to_everybody_may_be_shared() -> None:
    assert kept("public", is_secured=False) == []


def addressed(
    body: str = "", target: str = "/items/1", media_type: str = "application/json", **headers: str
) -> Any:
    return told("token-addresses", exchange(200, body, target=target, media_type=media_type, headers=headers))


def leaked(name: str, place: str) -> list[tuple[str, str]]:
    return [("token-in-address", f"{HERE} answered 200 with {name} in an address in {place}")]


@pytest.mark.parametrize(
    "name",
    ["access_token", "refresh_token", "id_token", "jwt", "api_key", "apikey", "session_id", "sessionid"],
)
def test_a_token_in_an_address_is_versionswith_its_place(name: str) -> None:
    assert addressed(Location=f"/a?{name}=x") == leaked(name, "Location")
    assert addressed(Link=f"<https://a.example/?b=c&{name}=x>; rel=next") == leaked(name, "Link")
    assert addressed(f'{{"next": "/a#{name}=x"}}') == leaked(name, "the body")


def test_of_several_places_the_first_is_told() -> None:
    assert addressed('{"a": "/a?jwt=x"}', Link="</a?id_token=x>", Location="/a?page=1") == leaked(
        "id_token", "Link"
    )


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ('"/a?jwt=x"', "text/html"),
        ('{"swagger": "2.0", "a": "/a?jwt=x"}', "application/json"),
        ('{"openapi": "3.1.0", "a": "/a?jwt=x"}', "application/json"),
        ('{"a": "b?jwt=x"}', "application/json"),
        ('{"a": "/a b?jwt=x"}', "application/json"),
    ],
)
def test_what_is_no_address_of_an_answer_leaks_nothing(body: str, media_type: str) -> None:
    assert addressed(body, media_type=media_type) == [FINE]


@pytest.mark.parametrize("word", ["openapi", "swagger"])
@pytest.mark.parametrize(("end", "is_document"), [(300, True), (301, False)])
def test_a_word_at_the_start_of_a_body_makes_it_a_document(word: str, end: int, *, is_document: bool) -> None:
    lead = '{"a": "'.ljust(end - len(word) - 4, "x") + '",'

    body = f'{lead}"{word}": "/a?jwt=x"}}'

    assert body.index(f'"{word}"') + len(word) + 2 == end
    assert addressed(body) == ([FINE] if is_document else leaked("jwt", "the body"))


def test_a_body_of_any_kind_of_json_is_read() -> None:
    assert addressed('{"a": "/a?jwt=x"}', media_type="application/hal+json") == leaked("jwt", "the body")


def test_what_the_request_itself_brought_does_not_hide_another_token() -> None:
    body = '{"a": "/a?jwt=x", "b": "/a?id_token=x"}'

    assert addressed('{"a": "/a?jwt=x"}', "/items/1?jwt=y") == [FINE]
    assert addressed(body, "/items/1?jwt=y") == leaked("id_token", "the body")


@pytest.mark.parametrize(
    "name", ["access_token", "refresh_token", "id_token", "accessToken", "refreshToken", "idToken"]
)
@pytest.mark.parametrize("body", ['{"%s": "x"}', '{"data": {"%s": "x"}, "other": 1}'])
def test_an_answer_that_hands_out_a_token_is_not_to_be_kept(name: str, body: str) -> None:
    def handing(status: int = 200, **headers: str) -> list[tuple[str, str]]:
        return told("token-caching", exchange(status, body % name, headers=headers))

    kept = [("token-cacheable", f"{HERE} hands out a token without Cache-Control: no-store")]
    assert handing() == handing(299) == handing(**{"Cache-Control": "no-cache"}) == kept
    assert handing(**{"Cache-Control": "private, NO-STORE"}) == [FINE]
    assert handing(300) == handing(404) == []


@pytest.mark.parametrize(
    "body", ["[]", '{"id_token": 3}', '{"a": {"b": {"id_token": "x"}}}', '{"token": "x"}']
)
def test_what_hands_out_no_token_may_be_kept(body: str) -> None:
    flawed = exchange(200, '{"id_token": "x"}', name="scenarios-2")

    assert told("token-caching", exchange(200, body)) == []
    assert len(told("token-caching", exchange(200, body), flawed)) == 1
