"""What scenarios share keeps its promises: pace, people, keys, listeners, slots, and answers compared."""

import urllib.request

import httpx
import pytest
import respx
from joserfc.jwk import RSAKey
from joserfc.jws import deserialize_compact

from harness.core.layer import Depth
from harness.core.operation import Operation
from harness.layers.scenarios.answers import form_of, skeleton
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.known_keys import WEAK_SECRETS, known_public_key, weak_secret
from harness.layers.scenarios.listener import Listener
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import equals, people, token_of, with_token
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.slots import address
from harness.layers.scenarios.tokens import Token, encode_json, join, public_key_spellings

BASE = "http://target.example"


def pace(**changes: object) -> Pace:
    return Pace(**{"depth": Depth.FULL, "clock": lambda: 0.0, "sleep": lambda _: None, **changes})  # type: ignore[arg-type]


@respx.mock
def test_a_throttled_request_is_asked_once_more_after_the_pause() -> None:
    slept: list[float] = []
    route = respx.get(f"{BASE}/x").mock(
        side_effect=[httpx.Response(429, headers={"Retry-After": "2"}), httpx.Response(200)]
    )

    with httpx.Client(base_url=BASE) as client:
        answer = pace(sleep=slept.append).ask(client, "GET", "/x")

    assert (answer.status_code, slept, route.call_count) == (200, [2.0], 2)


@respx.mock
@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_a_long_pause_is_left_alone(status: int) -> None:
    route = respx.get(f"{BASE}/x").respond(status, headers={"Retry-After": "60"})

    with httpx.Client(base_url=BASE) as client, pytest.raises(Inconclusive, match="throttled"):
        pace().ask(client, "GET", "/x")

    assert route.call_count == 1


@respx.mock
def test_an_answer_that_http_cannot_read_shows_nothing() -> None:
    respx.get(f"{BASE}/x").respond(302, headers={"Location": "http://[::1"})

    with httpx.Client(base_url=BASE) as client:
        answer = pace().ask(client, "GET", "/x")

    assert (answer.status_code, answer.text) == (502, "")


@pytest.mark.parametrize(("depth", "most"), [(Depth.QUICK, 6), (Depth.STANDARD, 24), (Depth.FULL, 50)])
def test_the_depth_says_how_much_is_tried(depth: Depth, most: int) -> None:
    assert len(list(pace(depth=depth).some(range(50)))) == most


def test_nothing_is_tried_once_the_time_is_over() -> None:
    moments = iter([0.0, 10.0, 29.0, 31.0, 32.0])

    assert list(pace(clock=lambda: next(moments)).some(range(9))) == [0, 1]


@respx.mock
def test_a_gap_is_kept_between_two_requests() -> None:
    slept: list[float] = []
    respx.get(f"{BASE}/x").respond(200)
    moments = iter([0.0, 5.0, 5.0, 5.25, 6.0])

    with httpx.Client(base_url=BASE) as client:
        kept = pace(gap=1.0, sleep=slept.append, clock=lambda: next(moments))
        kept.ask(client, "GET", "/x")
        kept.ask(client, "GET", "/x")

    assert slept == [0.75]


def person(name: str, role: str = "", username: str = "") -> Credentials:
    headers = {"Authorization": f"Bearer {name}"}
    return Credentials(name=name, role=role, username=username, headers=headers)


def target(*who: Credentials) -> ScenarioContext:
    sessions = {each.name: each for each in who}
    return ScenarioContext(target="t", base_url=BASE, direct_url=BASE, sessions=sessions)


@pytest.mark.parametrize(
    ("present", "chosen"),
    [
        ((person("a", "user"), person("b", "user")), ("a", "b")),
        ((person("a"), person("b")), ("a", "b")),
        ((person("a", "user"), person("root", "admin")), ("root", "a")),
        ((person("r", "reader"), person("a", "user"), person("b", "user")), ("a", "b")),
    ],
)
def test_the_other_one_never_has_more_rights_than_the_owner(
    present: tuple[Credentials, ...], chosen: tuple[str, str]
) -> None:
    assert tuple(each.name for each in equals(target(*present))) == chosen


@pytest.mark.parametrize(
    "present",
    [
        (),
        (person("a", "user"),),
        (person("a", "user"), person("b", "reader")),
        (person("a", username="same"), person("b", username="same")),
        (person("a", "user"), person("late", "expired")),
    ],
)
def test_two_who_may_be_the_same_or_unequal_are_no_pair(present: tuple[Credentials, ...]) -> None:
    with pytest.raises(Inconclusive, match="no-second-identity"):
        equals(target(*present))


def test_an_expired_credential_is_nobodys_to_act_with() -> None:
    assert people(target(person("late", "expired"), person("a"))) == (person("a"),)


def test_a_token_is_exchanged_where_it_stands() -> None:
    who = person("real")

    assert token_of(who) == "real"
    assert with_token(who, "forged") == {"Authorization": "Bearer forged"}


def test_a_listed_secret_is_found_and_another_is_not() -> None:
    unsigned = Token.parse(join(encode_json({"alg": "HS256"}), encode_json({"sub": "a"}), ""))
    weak, strong = (Token.parse(unsigned.signed_with_hmac(key)) for key in (b"changeme", b"5f1d7c88e2"))

    assert weak_secret("HS256", weak.signed_part, weak.signature) == "changeme"
    assert weak_secret("HS256", strong.signed_part, strong.signature) is None
    assert len(set(WEAK_SECRETS)) == len(WEAK_SECRETS) > 100


def test_a_public_key_is_spelled_as_every_library_writes_it() -> None:
    spellings = {each.strip() for each in public_key_spellings(known_public_key())}

    assert RSAKey.import_key(dict(known_public_key())).as_pem(private=False).strip() in spellings


def test_a_token_signed_with_our_key_verifies_with_our_key() -> None:
    token = Token.parse(join(encode_json({"alg": "HS256"}), encode_json({"sub": "a"}), ""))
    key = RSAKey.import_key(dict(known_public_key()))

    read = deserialize_compact(token.signed_with_known_key(), key)

    assert read.payload == b'{"sub":"a"}'


def test_a_listener_knows_by_which_address_it_was_visited() -> None:
    with Listener({"keys": []}) as listener:
        visited, token = listener.address()
        _, other = listener.address()
        before = listener.visited({token: "one", other: "two"}, seconds=0)
        with urllib.request.urlopen(visited) as answer:
            content = answer.read()

        assert before == ""
        assert content == b'{"keys": []}'
        assert listener.visited({token: "one", other: "two"}, seconds=0) == "one"


@pytest.mark.parametrize(
    "volatile",
    [
        '{"id": "7d9f2c1e-0000-4000-8000-%012d", "at": "2026-11-26T09:%02d:00.1Z"}',
        '{"request_id": "req_5b23e4e644ba41920bded7%02d", "time": 17641446%02d}',
    ],
    ids=["uuid and moment", "request id and seconds"],
)
def test_answers_that_differ_only_in_what_changes_are_alike(volatile: str) -> None:
    one, other = (httpx.Response(200, text=volatile % (each, each)) for each in (11, 12))

    assert skeleton(one) == skeleton(other)


def test_a_callers_own_words_are_not_what_an_answer_shows() -> None:
    one = httpx.Response(404, json={"detail": 'no "a\'b" here'})
    other = httpx.Response(404, json={"detail": 'no "other" here'})

    assert skeleton(one, "a'b") == skeleton(other, "other")
    assert skeleton(one) != skeleton(other)


def test_the_form_of_an_answer_is_its_members_and_not_their_values() -> None:
    one, other = (httpx.Response(200, json={"items": [{"id": each}], "n": each}) for each in (1, 2))

    assert form_of(one) == form_of(other) != form_of(httpx.Response(200, json={"items": []}))
    assert form_of(httpx.Response(200, text="<html>")) == ""


def test_an_address_holds_what_is_needed_and_nothing_else() -> None:
    declared = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}, "example": "a b"},
        {"name": "page", "in": "query", "schema": {"type": "integer"}},
    ]
    document = {"paths": {"/x/{id}": {"get": {"parameters": declared}}}}
    operation = Operation(method="GET", path="/x/{id}")

    assert address(operation, document, prefix="/v1") == "/v1/x/1?q=a+b"
    assert address(operation, document, values={"id": "../a", "page": "2"}) == "/x/..%2Fa?q=a+b&page=2"
    assert address(operation, document, is_absent=True) == "/x/987654321?q=a+b"
