"""A JSON Web Token is good only as its issuer signed it, with a key that the target chose."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.guarded import Guarded
from harness.layers.scenarios.known_keys import KEY_ID, is_hmac, known_public_key, weak_secret
from harness.layers.scenarios.listener import Listener
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import EXPIRED, people, token_of, with_token
from harness.layers.scenarios.signals import Inconclusive, baseline
from harness.layers.scenarios.tokens import Token, public_key_spellings

_NONE = ("none", "None", "NONE", "nOnE")
_KEY_PLACES = (
    "/.well-known/jwks.json",
    "/jwks.json",
    "/.well-known/openid-configuration/jwks",
    "/oauth2/jwks",
)
_CONFIGURATIONS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
_LEEWAY = 61.0
_DAY = 86_400
_VISIT_SECONDS = 1.0

Refuses = Callable[[Sequence[str], str], None]


@pytest.fixture
def bearer(target: ScenarioContext) -> Credentials:
    """The first person whose credential is a JSON Web Token."""
    for who in people(target):
        if token_of(who).count(".") == 2:
            try:
                Token.parse(token_of(who))
            except ValueError:
                continue
            return who
    raise Inconclusive("no-jwt", "No identity of the target file has a JSON Web Token as its credential.")


@pytest.fixture
def token(bearer: Credentials) -> Token:
    """The real token."""
    return Token.parse(token_of(bearer))


@pytest.fixture
def refuses(bearer: Credentials, clients: Clients, guarded: Sequence[Guarded], pace: Pace) -> Refuses:
    """Checks that forged tokens open nothing that the real one opens, and that the real one still does."""
    read = guarded[0]
    client = clients()

    def ask(text: str) -> httpx.Response:
        return pace.ask(client, "GET", read.path, headers=with_token(bearer, text))

    def check(forged: Sequence[str], what: str) -> None:
        if ask(token_of(bearer)).status_code != read.opened.status_code:
            raise Inconclusive("credential-died", "The real token is no longer accepted.")
        for text in forged:
            answer = ask(text)
            assert not answer.is_success, f"{read.operation.subject} answered {answer.status_code} to {what}"

    return check


@pytest.fixture
def checks_signatures(refuses: Refuses) -> Callable[[Token], None]:
    """Makes sure that signatures count at all: without that nothing is learnt of keys and algorithms."""

    def check(token: Token) -> None:
        with baseline("signature-unchecked"):
            refuses([token.with_flipped_signature()], "a token with one bit of its signature flipped")

    return check


@pytest.mark.requirement("security.jwt-signature-verified")
def test_a_changed_token_is_refused(token: Token, refuses: Refuses) -> None:
    """A token whose payload or signature was changed, or whose signature was cut off, is refused."""
    refuses([token.with_flipped_signature()], "a token with one bit of its signature flipped")
    refuses([token.unsigned()], "a token without its signature")
    refuses([token.with_flipped_payload()], "a token whose payload was written anew")
    for claims in tampered(token.payload):
        refuses([token.with_payload(**claims)], f"a token with other claims: {', '.join(claims)}")


@pytest.mark.requirement("security.jwt-algorithm-pinned")
def test_a_token_without_an_algorithm_is_refused(token: Token, refuses: Refuses) -> None:
    """A token that asks for the algorithm `none`, in any letter case, is refused."""
    for name in _NONE:
        refuses([token.unsigned(name), token.with_header(alg=name)], f"a token with alg {name}")


@pytest.mark.requirement("security.jwt-algorithm-pinned")
def test_a_public_key_is_no_shared_secret(
    *,
    token: Token,
    refuses: Refuses,
    checks_signatures: Callable[[Token], None],
    client: httpx.Client,
    pace: Pace,
) -> None:
    """A token that is HMAC-signed with the target's public key is refused."""
    if is_hmac(str(token.header["alg"])):
        return  # there is no public key to take for a secret
    checks_signatures(token)
    keys = tuple(public_keys(client, pace))
    forged = [token.signed_with_hmac(spelling) for key in keys for spelling in public_key_spellings(key)]
    if forged:
        refuses(forged, "a token HMAC-signed with the public key of its issuer")


@pytest.mark.requirement("security.jwt-keys-chosen-by-target")
@pytest.mark.depth("standard")
def test_a_token_does_not_bring_its_own_key(
    token: Token, refuses: Refuses, checks_signatures: Callable[[Token], None]
) -> None:
    """A token is refused that names the key to verify it with, inside itself, by address or by path."""
    checks_signatures(token)
    key = known_public_key()
    with Listener({"keys": [key]}) as listener:
        by_set, set_token = listener.address()
        by_certificate, certificate_token = listener.address()
        refuses([token.signed_with_known_key(jwk=key, kid=KEY_ID)], "a token that carries its own key (jwk)")
        refuses([token.signed_with_known_key(jku=by_set, kid=KEY_ID)], "a token with a key set of ours (jku)")
        refuses([token.signed_with_known_key(x5u=by_certificate)], "a token with a certificate of ours (x5u)")
        visited = listener.visited({set_token: "jku", certificate_token: "x5u"}, seconds=_VISIT_SECONDS)
    assert not visited, f"the target fetched the address that a token named in {visited}"
    for kid in ("../../../../../../dev/null", "/dev/null", "nobody' UNION SELECT '", ""):
        refuses([token.signed_with_hmac(b"", kid=kid)], f"a token signed with nothing and the key id {kid!r}")


@pytest.mark.requirement("security.jwt-secret-strong")
def test_the_secret_is_in_no_list(token: Token) -> None:
    """The secret that signs the access tokens is none of those in tutorials and templates."""
    algorithm = str(token.header["alg"])
    if not is_hmac(algorithm):
        return  # a signature by a private key has no secret to guess
    secret = weak_secret(algorithm, token.signed_part, token.signature)
    assert secret is None, f"the {algorithm} secret is {secret!r}, which is in every list"


@pytest.mark.requirement("security.jwt-expires")
def test_a_token_says_when_it_ends(token: Token) -> None:
    """An access token names its expiry, at most a day after it was issued."""
    assert isinstance(token.payload.get("exp"), int | float), "the access token has no claim exp"
    if isinstance(token.payload.get("iat"), int | float):
        assert token.lifetime <= 86_400, f"the access token is good for {token.lifetime / 3600:.0f} hours"


@pytest.mark.requirement("security.jwt-expiry-enforced")
@pytest.mark.usefixtures("last_of_the_pack")
def test_an_expired_token_is_refused(
    *,
    target: ScenarioContext,
    token: Token,
    bearer: Credentials,
    guarded: Sequence[Guarded],
    clients: Clients,
    pace: Pace,
    request: pytest.FixtureRequest,
) -> None:
    """A token whose time is over is refused."""
    read = guarded[0]
    expired = next((dict(each.headers) for each in target.sessions.values() if is_expired(each)), None)
    expired = expired or aged(bearer, token)
    if expired is None and target.has_control and target.may_write:
        control: Control = request.getfixturevalue("control")
        control.advance(token.lifetime + _LEEWAY)
        expired = dict(bearer.headers)
    if expired is None:
        raise Inconclusive(
            "no-expired-token",
            f"The target file names no identity with the role {EXPIRED!r}, a token of old, and the secret "
            "that signs tokens is in no list.",
        )
    answer = pace.ask(clients(), "GET", read.path, headers=expired)
    assert not answer.is_success, (
        f"{read.operation.subject} answered {answer.status_code} to an expired token"
    )


def aged(who: Credentials, token: Token) -> dict[str, str] | None:
    """Return the credential as it was a day before its end, signed with a secret that was found in a list."""
    algorithm = str(token.header["alg"])
    is_datable = isinstance(token.payload.get("exp"), int | float)
    secret = weak_secret(algorithm, token.signed_part, token.signature) if is_hmac(algorithm) else None
    if secret is None or not is_datable:
        return None
    dated = {name: token.payload[name] - _DAY for name in ("iat", "nbf") if name in token.payload}
    exp = min(float(token.payload["exp"]), time.time()) - _DAY
    return with_token(who, token.signed_again(secret.encode(), exp=int(exp), **dated))


def is_expired(who: Credentials) -> bool:
    """Whether the credential says of itself that its time is over."""
    try:
        return who.role == EXPIRED and float(Token.parse(token_of(who)).payload["exp"]) < time.time()
    except (KeyError, TypeError, ValueError):
        return False


def tampered(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield claims that would give a forger more than the token did."""
    yield {"sub": "1"}
    yield {"exp": int(payload.get("exp", 0)) + 86_400}
    yield {"role": "admin", "roles": ["admin"], "scope": "admin", "is_admin": True}


def public_keys(client: httpx.Client, pace: Pace) -> Iterator[Mapping[str, str]]:
    """Yield the keys that the target publishes, at the usual places or where its configuration says."""
    places = list(_KEY_PLACES)
    for path in _CONFIGURATIONS:
        found = body_of(pace.ask(client, "GET", path))
        address = str(found.get("jwks_uri", "")) if isinstance(found, dict) else ""
        if address.startswith(str(client.base_url)):
            places.insert(0, address)
    for place in places:
        found = body_of(pace.ask(client, "GET", place))
        keys = found.get("keys") if isinstance(found, dict) else None
        if isinstance(keys, list) and keys:
            yield from (key for key in keys if isinstance(key, dict) and key.get("kty") != "oct")
            return
