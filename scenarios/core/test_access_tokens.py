"""Access tokens: only those that the issuer signed, unchanged, and not past their time."""

from collections.abc import Callable, Sequence

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import expect_status, json_of, member
from harness.layers.scenarios.fixtures import Clients, Judged
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.tokens import Token, public_key_spellings

LEEWAY = 60.0

Refuses = Callable[[Sequence[str], str], None]


@pytest.fixture
def good_token(visitor: Account) -> Token:
    """A token that is accepted as it is: without that a refusal shows nothing."""
    if visitor.client.get("/auth/me").status_code != 200:
        raise Inconclusive("good-token-refused", "A fresh access token is not accepted.")
    return Token.parse(visitor.token)


@pytest.fixture
def refuses(clients: Clients) -> Refuses:
    """Checks that tokens are answered with 401 where a good one is answered with 200."""
    client = clients()

    def check(tokens: Sequence[str], what: str) -> None:
        for token in tokens:
            answer = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
            expect_status(answer, 401, when=f"with {what}")

    return check


@pytest.mark.requirement("auth.jwt-algorithm-pinned", "none", "NONE", "hs256-with-public-key")
def test_a_token_that_asks_for_another_algorithm_is_refused(
    good_token: Token, refuses: Refuses, client: httpx.Client, judged: Judged
) -> None:
    """A token whose header names another algorithm than the issuer's is answered with 401."""
    with judged("none"):
        refuses([good_token.unsigned("none"), good_token.with_header(alg="none")], "alg none")
    with judged("NONE"):
        spellings = ("NONE", "None", "nOnE")
        refuses([good_token.unsigned(each) for each in spellings], "alg NONE in some letter case")
    with judged("hs256-with-public-key"):
        keys = member(json_of(client.get("/.well-known/jwks.json")), "keys")
        forged = [
            good_token.signed_with_hmac(spelling) for key in keys for spelling in public_key_spellings(key)
        ]
        assert forged, "the key set holds no key"
        refuses(forged, "alg HS256 and the public key as its secret")


@pytest.mark.requirement("auth.jwt-signature-verified")
def test_a_changed_token_is_refused(good_token: Token, refuses: Refuses) -> None:
    """A token with a changed header, payload or signature, or without one, is answered with 401."""
    refuses([good_token.with_flipped_signature()], "one bit of the signature flipped")
    refuses([good_token.unsigned()], "its signature cut off")
    refuses([good_token.with_payload(sub="usr_00000000000000000000000000")], "another subject")
    refuses([good_token.with_payload(exp=good_token.payload["exp"] + 3600)], "a later expiry")
    elevated = good_token.with_payload(roles=["admin"], permissions=["roles:admin"], scope="roles:admin")
    refuses([elevated], "more permissions")
    refuses([good_token.with_header(seen=True)], "another member in its header")


@pytest.mark.requirement("auth.jwt-expiry-enforced")
def test_a_token_is_good_until_its_time_is_over_and_not_longer(
    good_token: Token, accounts: Accounts, control: Control
) -> None:
    """A token is accepted within its lifetime and answered with 401 once it and a minute have passed."""
    account = accounts()
    lifetime = good_token.lifetime

    control.advance(lifetime - LEEWAY / 2)
    expect_status(account.client.get("/auth/me"), 200, when="half a minute before it expires")
    control.advance(LEEWAY / 2 + LEEWAY + 1)

    expect_status(account.client.get("/auth/me"), 401, when="a minute after it expired")
