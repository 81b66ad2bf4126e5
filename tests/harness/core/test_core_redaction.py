"""No spelling of a secret survives; ordinary text does."""

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.redaction import PLACEHOLDER, Redactor

SECRET = 'p@ss/w"ord é+1 %ü'
JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLWJ5dGVz"


def redactor(*secrets: str) -> Redactor:
    return Redactor(secrets, b"key of one run")


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET)[1:-1])[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    ],
)
def test_each_spelling_of_a_known_secret_becomes_the_same_placeholder(written: str) -> None:
    subject = redactor(SECRET)

    text = subject.text(f"before {written} after")

    assert text == f"before {subject.text(SECRET)} after"
    assert PLACEHOLDER.fullmatch(subject.text(SECRET))


@pytest.mark.parametrize("lead", ["", "u", "us", "alice:", "{user: 'alice', secret: '"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_a_text_that_holds_the_secret_is_caught(lead: str, encode: object) -> None:
    secret = "correct-horse-42?>?"
    encoded = encode(f"{lead}{secret}".encode()).decode()  # type: ignore[operator]

    text = redactor(secret).text(f"token is {encoded}")

    assert encoded not in text
    assert encode(secret.encode()).decode().rstrip("=")[:-1] not in text  # type: ignore[operator]
    assert PLACEHOLDER.search(text)


@settings(max_examples=150, deadline=None)
@given(
    secret=st.text(min_size=8, max_size=40).filter(lambda text: len(set(text)) > 4 and "\n" not in text),
    lead=st.text(max_size=5),
)
def test_a_known_secret_never_survives_raw_url_encoded_json_or_base64(secret: str, lead: str) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    lead = lead.encode("utf-8", "replace").decode()
    encoded = base64.b64encode((lead + secret).encode()).decode()
    subject = redactor(secret)

    text = subject.text(f"a {lead}{secret} b {quote(secret, safe='')} c {encoded} d {json.dumps(secret)}")

    assert secret not in text
    assert quote(secret, safe="") not in text or quote(secret, safe="") == ""
    assert encoded not in text
    assert json.dumps(secret)[1:-1] not in text


def test_a_short_secret_is_caught_only_as_a_word() -> None:
    subject = redactor("admin", "")

    assert subject.text("administrator") == "administrator"
    assert "admin" not in subject.text("login admin ok")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ('{"password": "open sesame"}', "open sesame"),
        ('{"password": "with \\" quote"}', "quote"),
        ('{"new_password":"abc","x":1}', "abc"),
        ('{"access_token":"opaque-1","token_type":"bearer"}', "opaque-1"),
        ('{"refreshToken":"opaque-2"}', "opaque-2"),
        ('{"client_secret":"cs-1"}', "cs-1"),
        ('{"api_key":"ak-1"}', "ak-1"),
        ('{"recovery_codes":["aaaa-1","bbbb-2"]}', "bbbb-2"),
        ('{"code":"123456"}', "123456"),
        ('{"query":"mutation { login(password: \\"in line\\") { token } }"}', "in line"),
        ('{"variables":{"input":{"password":"inner-v"}}}', "inner-v"),
        ("username=alice&password=a%20b&x=1", "a%20b"),
        ("/cb?code=abcdef&state=1", "abcdef"),
        ("code=abcdef&state=1", "abcdef"),
        ("/ws?access_token=abcdef", "abcdef"),
        ("Authorization: Bearer abcdef0123", "abcdef0123"),
        ("authorization: Basic YWxpY2U6cHc=", "YWxpY2U6cHc="),
        (f"the token was {JWT}", JWT),
        ("redis://user:hush@127.0.0.1/0", "hush"),
        ("-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----", "MIGH"),
        ('{"password": "cut in the mid', "cut in the mid"),
        ("{'password': 'python repr'}", "python repr"),
    ],
)
def test_credentials_nobody_told_us_of_are_found_where_they_stand(text: str, gone: str) -> None:
    redacted = redactor().text(text)

    assert gone not in redacted
    assert PLACEHOLDER.search(redacted)


@pytest.mark.parametrize(
    "text",
    [
        '{"token_type":"bearer","expires_in":300}',
        '{"next_page_token":"abc"}',
        '{"password":null,"token":{"a":1},"secret":[]}',
        '{"properties":{"password":{"type":"string","title":"Password"}},"required":["password"]}',
        '{"code":"UNAUTHENTICATED"}',
        '{"detail":"Bearer authentication is required: password: must have 12 characters"}',
        'Bearer realm="core", error="invalid_token"',
        'Bearer resource_metadata="http://127.0.0.1/x"',
        "login(email: String!, password: String!): Token",
        '{"tokenUrl":"/oauth2/token"}',
        "https://127.0.0.1:8000/path?q=a@b",
        '{"circuit":"open","status_code":503}',
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redactor("a-known-secret").text(text) == text


def test_redacted_json_is_still_json() -> None:
    body = json.dumps({"password": 'a"b\\c', "list": [{"token": "x"}], "n": 1, "secret": None})

    parsed = json.loads(redactor().text(body))

    assert PLACEHOLDER.fullmatch(parsed["password"])
    assert PLACEHOLDER.fullmatch(parsed["list"][0]["token"])
    assert parsed["secret"] is None


def test_the_same_secret_has_one_placeholder_wherever_it_stands() -> None:
    subject = redactor("s3cret value/1")
    expected = subject.text("s3cret value/1")

    assert subject.text(urlencode({"password": "s3cret value/1"})) == f"password={expected}"
    assert subject.text('{"token": "s3cret value\\/1"}') == f'{{"token": "{expected}"}}'
    assert subject.headers([("Authorization", "Bearer s3cret value/1")])[0][1] == f"Bearer {expected}"


def test_headers_keep_names_schemes_and_cookie_attributes() -> None:
    subject = redactor()

    headers = dict(
        subject.headers(
            [
                ("Authorization", f"Bearer {JWT}"),
                ("Cookie", "session=abc; theme=dark"),
                ("Set-Cookie", "__Host-session=abc; Path=/; HttpOnly; Secure"),
                ("X-Api-Key", "ck_live_1"),
                ("X-CSRF-Token", "t1"),
                ("Location", "/cb?code=abc&state=1"),
                ("Accept", "*/*"),
            ]
        )
    )

    assert headers["Authorization"].startswith("Bearer {{secret:jwt:")
    assert headers["Cookie"].startswith("session={{secret:cookie:")
    assert "abc" not in headers["Cookie"]
    assert headers["Set-Cookie"].startswith("__Host-session={{secret:cookie:")
    assert headers["Set-Cookie"].endswith("; Path=/; HttpOnly; Secure")
    assert PLACEHOLDER.fullmatch(headers["X-Api-Key"])
    assert PLACEHOLDER.fullmatch(headers["X-CSRF-Token"])
    assert headers["Location"].startswith("/cb?code={{secret:code:")
    assert headers["Accept"] == "*/*"


def test_redacting_twice_changes_nothing() -> None:
    subject = redactor("known-secret-1")
    once = subject.text(f'{{"password":"x1","t":"known-secret-1"}} Bearer {JWT} ?code=abc password=zz')

    assert subject.text(once) == once


def test_bytes_that_are_no_text_keep_every_other_byte() -> None:
    subject = redactor("known-secret-1")

    assert subject.bytes(b"\xff\xfe\x00 plain") == b"\xff\xfe\x00 plain"
    assert subject.bytes(b"\xff known-secret-1 \x80").startswith(b"\xff {{secret:known:")


def test_a_learned_secret_is_found_and_another_run_has_another_placeholder() -> None:
    subject = redactor()
    subject.learn("fresh-secret-9")

    assert "fresh-secret-9" not in subject.text("x fresh-secret-9 y")
    assert subject.text("fresh-secret-9") != Redactor(["fresh-secret-9"], b"another key").text(
        "fresh-secret-9"
    )
