"""Which access tokens are accepted: our own, in time, for us, in one form, and nothing else."""

import base64
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from reference_impl.auth.audit import link
from reference_impl.auth.signature import ALGORITHM, InvalidSignature, OnlyEdDSA, PinnedAlgorithm, sign
from reference_impl.auth.store import SqlAuthStore


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, claims, signature = token.split(".")

    def read(text: str) -> dict[str, Any]:
        return dict(json.loads(base64.urlsafe_b64decode(text + "==")))

    return read(head), read(claims), signature


@pytest.fixture(scope="module")
def token(running: Any) -> str:
    return str(running.state("a signed-in user")["token"])


@pytest.fixture(scope="module")
def key(running: Any) -> tuple[str, OKPKey]:
    """The private key itself, so that only what a test changes is wrong with a token."""

    async def newest() -> tuple[str, dict[str, str]]:
        keys = await SqlAuthStore(running.app.kit.database, link=link).keys()
        return keys[-1].id, dict(keys[-1].private)

    key_id, private = running.client.portal.call(newest)
    return key_id, OKPKey.import_key(private)


def status(running: Any, token: str) -> int:
    return int(running.get("/auth/me", token).status_code)


def test_token_is_signed_by_a_published_key_and_says_what_it_is(running: Any, token: str) -> None:
    keys = {key["kid"]: key for key in running.client.get("/.well-known/jwks.json").json()["keys"]}
    header, claims, _ = opened(token)

    public = OKPKey.import_key(keys[header["kid"]])
    jws.deserialize_compact(token, public, registry=OnlyEdDSA(algorithms=[ALGORITHM]))

    assert header == {"alg": "EdDSA", "typ": "at+jwt", "kid": header["kid"]}
    assert claims["exp"] - claims["iat"] == 300
    assert claims.keys() >= {"iss", "aud", "sub", "jti"}
    assert all("d" not in key for key in keys.values())


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature_is", ["absent", "kept"])
def test_unsigned_token_is_refused_in_every_spelling(
    running: Any, token: str, algorithm: str, signature_is: str
) -> None:
    header, claims, signature = opened(token)

    forged = (
        f"{part(header | {'alg': algorithm})}.{part(claims)}.{signature if signature_is == 'kept' else ''}"
    )

    assert status(running, forged) == 401


def test_token_signed_with_the_public_key_as_a_secret_is_refused(running: Any, token: str) -> None:
    header, claims, _ = opened(token)
    published = running.client.get("/.well-known/jwks.json").json()["keys"][0]
    secret = OctKey.import_key(base64.urlsafe_b64decode(published["x"] + "=="))

    forged = jws.serialize_compact(
        header | {"alg": "HS256"}, json.dumps(claims), secret, algorithms=["HS256"]
    )

    assert status(running, forged) == 401


@pytest.mark.parametrize("member", ["jku", "x5u", "jwk", "x5c", "crit"])
def test_header_that_brings_a_key_along_is_refused_even_when_we_signed_it(
    running: Any, token: str, key: tuple[str, OKPKey], member: str
) -> None:
    _, claims, _ = opened(token)
    header = part({"alg": "EdDSA", "typ": "at+jwt", "kid": key[0], member: ["x"]})
    signature = key[1].get_op_key("sign").sign(f"{header}.{part(claims)}".encode())

    assert status(running, f"{header}.{part(claims)}.{part(signature)}") == 401


@pytest.mark.parametrize(
    "key_id", ["../../dev/null", "' OR 1=1 --", "x" * 3000, "", None, 7, ["list"], "key_unknown"]
)
def test_key_ids_that_are_not_ours_are_refused(running: Any, token: str, key_id: object) -> None:
    header, claims, signature = opened(token)

    assert status(running, f"{part(header | {'kid': key_id})}.{part(claims)}.{signature}") == 401


def test_every_flipped_bit_makes_a_token_invalid(token: str, key: tuple[str, OKPKey]) -> None:
    """One bit of each byte of the text, the padding bits of its last character among them."""
    keys = {key[0]: key[1]}
    PinnedAlgorithm().signed_part(token, keys)
    accepted = []
    for index, character in enumerate(token):
        for bit in (1, 2, 4):
            changed = token[:index] + chr(ord(character) ^ bit) + token[index + 1 :]
            try:
                PinnedAlgorithm().signed_part(changed, keys)
            except InvalidSignature:
                continue
            accepted.append(changed)

    assert accepted == []


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": -1},
        {"exp": 1e308},
        {"exp": 1},
        {"nbf": 4102444800},
        {"iat": 4102444800},
        {"sub": None},
        {"jti": None},
        {"roles": "admin"},
        {"gen": True},
    ],
    ids=str,
)
def test_token_of_ours_with_a_wrong_claim_is_refused(
    running: Any, token: str, key: tuple[str, OKPKey], change: dict[str, object]
) -> None:
    _, claims, _ = opened(token)
    changed = {name: value for name, value in (claims | change).items() if value is not None}

    assert status(running, sign(changed, token_type="at+jwt", key=key[1], key_id=key[0])) == 401


@pytest.mark.parametrize("kind", ["JWT", "refresh+jwt", "logout+jwt", "id+jwt"])
def test_other_token_of_the_same_key_is_no_access_token(
    running: Any, token: str, key: tuple[str, OKPKey], kind: str
) -> None:
    _, claims, _ = opened(token)

    assert status(running, sign(claims, token_type=kind, key=key[1], key_id=key[0])) == 401


def test_unchanged_claims_signed_anew_are_accepted_so_the_refusals_above_mean_something(
    running: Any, token: str, key: tuple[str, OKPKey]
) -> None:
    _, claims, _ = opened(token)

    assert status(running, sign(claims, token_type="at+jwt", key=key[1], key_id=key[0])) == 200


def test_token_is_accepted_until_it_expires_and_not_after(start: Any) -> None:
    running = start()
    user = running.state("a signed-in user")

    running.clock.set_offset(298)
    before = status(running, user["token"])
    running.clock.set_offset(306)

    assert (before, status(running, user["token"])) == (200, 401)


def test_refusal_says_invalid_token_in_the_challenge(running: Any) -> None:
    answer = running.get("/auth/me", "no.token.atall")

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_token_in_the_query_is_not_looked_at(running: Any, token: str) -> None:
    assert running.client.get(f"/auth/me?access_token={token}").status_code == 401


def test_old_key_verifies_until_its_last_token_expired_and_then_is_gone(start: Any) -> None:
    running, other = start(), start()
    old = running.state("a signed-in user")
    key_id = running.state("a rotated signing key")["key_id"]
    new = running.login(old["email"], old["password"]).json()["access_token"]
    published = {key["kid"] for key in running.client.get("/.well-known/jwks.json").json()["keys"]}

    assert (status(running, old["token"]), status(other, old["token"])) == (200, 200)
    assert (status(running, new), status(other, new)) == (200, 200)
    assert opened(new)[0]["kid"] == key_id
    assert published == {key_id, opened(old["token"])[0]["kid"]}
    running.clock.set_offset(310)
    later = {key["kid"] for key in running.client.get("/.well-known/jwks.json").json()["keys"]}
    assert later == {key_id}


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/openapi.json"])
def test_a_document_for_everybody_is_sent_only_to_those_who_have_another(running: Any, path: str) -> None:
    tag = running.client.get(path).headers["ETag"]

    again = running.client.get(path, headers={"If-None-Match": tag})
    other = running.client.get(path, headers={"If-None-Match": '"another"'})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert (other.status_code, bool(other.content)) == (200, True)


def test_the_tag_of_the_keys_changes_with_them(running: Any) -> None:
    before = running.client.get("/.well-known/jwks.json").headers["ETag"]

    running.state("a rotated signing key")

    assert running.client.get("/.well-known/jwks.json").headers["ETag"] != before


def test_key_is_replaced_by_itself_when_it_is_old(start: Any) -> None:
    running = start()
    first = opened(running.state("a signed-in user")["token"])[0]["kid"]

    running.clock.set_offset(31 * 24 * 3600)
    second = opened(running.state("a signed-in user")["token"])[0]["kid"]

    assert first != second


def test_key_is_replaced_by_a_refresh_as_well(start: Any) -> None:
    running = start()
    first = opened(running.state("a signed-in user")["token"])[0]["kid"]
    running.clock.set_offset(28 * 24 * 3600)
    later = running.state("a signed-in user")

    running.clock.set_offset(31 * 24 * 3600)
    fresh = running.refresh(later["refresh_token"]).json()["access_token"]

    assert opened(later["token"])[0]["kid"] == first
    assert opened(fresh)[0]["kid"] != first


def test_tokens_of_one_process_are_accepted_by_another(start: Any) -> None:
    first, second = start(), start()

    assert status(second, first.state("a signed-in user")["token"]) == 200
