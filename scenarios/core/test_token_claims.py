"""Access tokens: right in every claim and not only in their signature, and told apart from other tokens."""

import re
from collections.abc import Callable, Mapping

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.ed25519 import SigningKey
from harness.layers.scenarios.expect import asked, expect_status, shown
from harness.layers.scenarios.fixtures import Clients, Judged
from harness.layers.scenarios.signals import Inconclusive, baseline
from harness.layers.scenarios.tokens import Token, encode

_OURS = SigningKey(b"a key that everybody may know, ok")
_ELSEWHERE = "https://elsewhere.example"
_PATHS = ("../../../../../../dev/null", "/dev/null", "' UNION SELECT '' --", "x" * 3000, "no-such-key", "")

Signed = Callable[..., str]
Present = Callable[[str], httpx.Response]


@pytest.fixture
def present(clients: Clients) -> Present:
    """Shows a token where a good one is answered with 200."""
    client = clients()
    return lambda token: client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def signed(visitor: Account, control: Control, present: Present) -> Signed:
    """Has the issuer sign a token with other claims; one with the claims it gave out is accepted."""

    def sign(type: str = "", **claims: object) -> str:  # noqa: A002 - the header member's own name
        named = {"type": type} if type else {}
        return str(
            control.state("a token that the issuer signed", token=visitor.token, claims=claims, **named)[
                "token"
            ]
        )

    if present(sign()).status_code != 200:
        raise Inconclusive("good-token-refused", "A token that the issuer signed is not accepted.")
    return sign


def check_refused(answer: httpx.Response, what: str) -> None:
    """Only 401 says that the token is no good."""
    expect_status(answer, 401, when=f"with {what}")


@pytest.mark.requirement("auth.jwt-audience-checked", "another audience", "no audience")
def test_a_token_for_another_audience_is_refused(
    signed: Signed, visitor: Account, present: Present, judged: Judged
) -> None:
    """A token whose audience is another service, a longer name than ours, or nobody is answered with 401."""
    own = Token.parse(visitor.token).payload["aud"]
    name = own if isinstance(own, str) else own[0]
    with judged("another audience"):
        for other in (_ELSEWHERE, [_ELSEWHERE], f"{name}.elsewhere.example", f"{name}/other", name.upper()):
            check_refused(present(signed(aud=other)), f"the audience {other}")
    with judged("no audience"):
        for nobody in (None, [], ""):
            check_refused(present(signed(aud=nobody)), f"the audience {nobody!r}")


@pytest.mark.requirement("auth.jwt-issuer-checked", "another issuer", "no issuer")
def test_a_token_of_another_issuer_is_refused(
    signed: Signed, visitor: Account, present: Present, judged: Judged
) -> None:
    """A token that names another issuer, one that looks alike, or none is answered with 401."""
    own = str(Token.parse(visitor.token).payload["iss"])
    with judged("another issuer"):
        for other in (_ELSEWHERE, f"{own}.elsewhere.example", f"{own}/tenant", own.upper()):
            check_refused(present(signed(iss=other)), f"the issuer {other}")
    with judged("no issuer"):
        for nobody in (None, ""):
            check_refused(present(signed(iss=nobody)), f"the issuer {nobody!r}")


@pytest.mark.requirement("auth.jwt-type-checked")
def test_a_token_for_another_use_is_refused(signed: Signed, present: Present) -> None:
    """An ID token, a logout token and any other token of the issuer's are answered with 401."""
    for other in ("JWT", "logout+jwt", "id_token+jwt", "secevent+jwt", "none"):
        check_refused(present(signed(type=other)), f"the type {other}")


@pytest.mark.requirement("auth.jwt-times-checked", "not yet valid", "without expiry", "malformed expiry")
def test_a_token_without_sound_times_is_refused(
    signed: Signed, visitor: Account, present: Present, judged: Judged
) -> None:
    """A token from the future, one that never ends, and one whose end is no number are answered with 401."""
    issued = float(Token.parse(visitor.token).payload["iat"])
    with judged("not yet valid"):
        later = int(issued) + 7200
        check_refused(present(signed(nbf=later, exp=later + 300)), "a start two hours from now")
        expect_status(present(signed(nbf=int(issued))), 200, when="with a start that has passed")
    with judged("without expiry"):
        check_refused(present(signed(exp=None)), "no expiry")
    with judged("malformed expiry"):
        for wrong in ("2099-01-01", str(int(issued) + 300), -1, 0, 1e308, True, [int(issued) + 300]):
            check_refused(present(signed(exp=wrong)), f"the expiry {wrong!r}")


@pytest.mark.requirement("auth.jwt-keys-from-issuer", "embedded key", "fetched key", "key id")
def test_a_key_that_a_token_brings_along_is_not_trusted(
    visitor: Account, present: Present, judged: Judged
) -> None:
    """A token signed with a key of its own, by value, by address or by name, is answered with 401."""
    good = Token.parse(visitor.token)
    with baseline("good-token-refused"):
        expect_status(present(visitor.token), 200, when="with a token as it was issued")
    ours = {"kty": "OKP", "crv": "Ed25519", "x": encode(_OURS.public), "kid": good.header.get("kid", "k")}
    with judged("embedded key"):
        check_refused(present(good.signed_by(_OURS, jwk=ours)), "a key in its header")
        check_refused(present(good.signed_by(_OURS, alg="EdDSA", jwk=ours)), "a key in its header and EdDSA")
        shared = {"kty": "oct", "k": encode(b"a shared secret of at least 32 bytes")}
        hmac = good.signed_with_hmac(b"a shared secret of at least 32 bytes", jwk=shared)
        check_refused(present(hmac), "a shared secret in its header")
    with judged("fetched key"):
        for name in ("jku", "x5u"):
            check_refused(
                present(good.signed_by(_OURS, **{name: f"{_ELSEWHERE}/keys"})), f"the header {name}"
            )
    with judged("key id"):
        for name in _PATHS:
            check_refused(present(good.signed_with_hmac(b"", kid=name)), f"the key id {name[:40]!r}")
            check_refused(present(good.signed_by(_OURS, kid=name)), f"the key id {name[:40]!r} and our key")


@pytest.mark.requirement("auth.token-only-in-header")
def test_a_token_outside_the_header_is_not_accepted(visitor: Account, client: httpx.Client) -> None:
    """A good token in the query, in a form or in a cookie opens nothing."""
    with baseline("good-token-refused"):
        expect_status(visitor.client.get("/auth/me"), 200, when="with the token in its header")

    for name in ("access_token", "token", "authorization", "bearer_token"):
        answer = client.get("/auth/me", params={name: visitor.token})
        assert not answer.is_success, f"GET /auth/me?{name}=… answered {answer.status_code}: {shown(answer)}"
        answer = client.get("/auth/me", headers={"Cookie": f"{name}={visitor.token}"})
        assert not answer.is_success, f"GET /auth/me with the cookie {name} answered {answer.status_code}"
    answer = client.post("/auth/logout", data={"access_token": visitor.token})
    assert not answer.is_success, f"a form with access_token answered {answer.status_code}"


@pytest.mark.requirement("auth.challenge-says-why", "no token", "bad token", "too little scope")
def test_a_refusal_says_what_would_help(accounts: Accounts, client: httpx.Client, judged: Judged) -> None:
    """A 401 and a 403 carry the Bearer challenge of RFC 6750; without a token it names no error."""
    with judged("no token"):
        challenge = challenge_of(client.get("/auth/me"), 401)
        assert "error" not in challenge, f"nothing was sent, and the challenge names {challenge['error']}"
    with judged("bad token"):
        bad = client.get("/auth/me", headers={"Authorization": "Bearer not-a-token-7f3a9c"})
        assert challenge_of(bad, 401).get("error") == "invalid_token", f"{asked(bad)}: {header_of(bad)!r}"
    with judged("too little scope"):
        short = accounts.shared("reader").client.get("/auth/users")
        assert challenge_of(short, 403).get("error") == "insufficient_scope", (
            f"{asked(short)}: {header_of(short)!r}"
        )


def header_of(answer: httpx.Response) -> str:
    """Return the challenges of an answer."""
    return str(answer.headers.get("www-authenticate", ""))


def challenge_of(answer: httpx.Response, status: int) -> Mapping[str, str]:
    """Return the parameters of the Bearer challenge, which need not be the only one."""
    expect_status(answer, status)
    _, scheme, parameters = header_of(answer).partition("Bearer")
    assert scheme, f"{asked(answer)} answered {status} without a Bearer challenge: {header_of(answer)!r}"
    return dict(re.findall(r'(\w+)="?([^",]*)"?', parameters))
