"""What stands in the place of a secret: its kind and a keyed hash of its value; all else is unchanged."""

import hashlib
import hmac

import pytest

from harness.core.redaction import Redactor

KEY = b"key of one run"
JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLWJ5dGVz"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMIGH\n-----END EC PRIVATE KEY-----"


def p(value: str, kind: str) -> str:
    digits = hmac.new(KEY, value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:8]
    return f"{{{{secret:{kind}:{digits}}}}}"


def redactor(*secrets: str) -> Redactor:
    return Redactor(secrets, KEY)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ('{"password": "open sesame"}', f'{{"password": "{p("open sesame", "password")}"}}'),
        ('{"Passphrase":"x1"}', f'{{"Passphrase":"{p("x1", "password")}"}}'),
        ('{"access_token":"opaque-1","n":1}', f'{{"access_token":"{p("opaque-1", "token")}","n":1}}'),
        ('{"password": "a\\"b"}', f'{{"password": "{p(chr(97) + chr(34) + "b", "password")}"}}'),
        ('{"password": "a\\x"}', f'{{"password": "{p(chr(97) + chr(92) + "x", "password")}"}}'),
        ('{"password": "a\nb\\t"}', f'{{"password": "{p("a" + chr(10) + "b" + chr(9), "password")}"}}'),
        ('{"password": "cut in the', f'{{"password": "{p("cut in the", "password")}'),
        ("{'password': 'a repr'}", f"{{'password': '{p('a repr', 'password')}'}}"),
        ("{'password': 'a cut repr", f"{{'password': '{p('a cut repr', 'password')}"),
        (
            '{"recovery_codes": ["aaaa-1", "b\\"b"]}',
            f'{{"recovery_codes": ["{p("aaaa-1", "token")}", "{p("b" + chr(34) + "b", "token")}"]}}',
        ),
        (
            '{"query": "login(password: \\"in line\\") { id }"}',
            f'{{"query": "login(password: \\"{p("in line", "password")}\\") {{ id }}"}}',
        ),
        (
            '"{\\\\\\"token\\\\\\": \\\\\\"deep\\\\\\"}"',
            f'"{{\\\\\\"token\\\\\\": \\\\\\"{p("deep", "token")}\\\\\\"}}"',
        ),
        ("user=a&password=a%20b+c&x=1", f"user=a&password={p('a b c', 'password')}&x=1"),
        ("token=abc", f"token={p('abc', 'token')}"),
        ("sent Bearer abcdef0123 on", f"sent Bearer {p('abcdef0123', 'credential')} on"),
        ("sent basic  YWxpY2U6cHc= on", f"sent basic  {p('YWxpY2U6cHc=', 'credential')} on"),
        (f"Bearer {JWT}", f"Bearer {p(JWT, 'jwt')}"),
        (f"it was {JWT} then", f"it was {p(JWT, 'jwt')} then"),
        ("/cb?code=abcdef&state=1", f"/cb?code={p('abcdef', 'code')}&state=1"),
        ("/cb?state=1&code=abcdef", f"/cb?state=1&code={p('abcdef', 'code')}"),
        ("code=abcdef", f"code={p('abcdef', 'code')}"),
        ('{"code": "123456"}', f'{{"code": "{p("123456", "code")}"}}'),
        ("redis://user:hush@127.0.0.1/0", f"redis://user:{p('hush', 'password')}@127.0.0.1/0"),
        ("redis://:hush@127.0.0.1/0", f"redis://:{p('hush', 'password')}@127.0.0.1/0"),
        (f"key: {PEM}!", f"key: {p(PEM, 'private-key')}!"),
        ('{"password": ""}', '{"password": ""}'),
        ('{"next_page_token": "abc"}', '{"next_page_token": "abc"}'),
        ("page_token=abc", "page_token=abc"),
        ("Page_Token=abc", "Page_Token=abc"),
        ('{"page-token": "abc"}', '{"page-token": "abc"}'),
        ('{"continuation_token": "abc"}', '{"continuation_token": "abc"}'),
        ('{"a page": 1, "long enough before": 2, "token": "abc"}',
         f'{{"a page": 1, "long enough before": 2, "token": "{p("abc", "token")}"}}'),
    ],
)  # fmt: skip
def test_a_credential_is_replaced_by_its_kind_and_hash_and_nothing_around_it(
    text: str, redacted: str
) -> None:
    assert redactor().text(text) == redacted
    assert redactor("another-known-1").text(text) == redacted


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("Authorization", f"Bearer {JWT}", f"Bearer {p(JWT, 'jwt')}"),
        ("authorization", "Basic YTpi", f"Basic {p('YTpi', 'credential')}"),
        ("Proxy-Authorization", "Basic YTpi c", f"Basic {p('YTpi c', 'credential')}"),
        ("Authorization", "just-a-token", p("just-a-token", "credential")),
        ("Authorization", "", ""),
        ("Cookie", "session=abc; theme=a=b", f"session={p('abc', 'cookie')}; theme={p('a=b', 'cookie')}"),
        ("Cookie", "nameless", p("nameless", "cookie")),
        (
            "Set-Cookie",
            "session=abc; Path=/; HttpOnly",
            f"session={p('abc', 'cookie')}; Path=/; HttpOnly",
        ),
        ("Set-Cookie", "session=abc", f"session={p('abc', 'cookie')}"),
        ("X-Api-Key", "k1", p("k1", "api-key")),
        ("X-CSRF-Token", "t1", p("t1", "api-key")),
        ("X-Session", "s1", p("s1", "api-key")),
        ("Location", "/cb?code=abc", f"/cb?code={p('abc', 'code')}"),
        ("Accept", "*/*", "*/*"),
    ],
)
def test_a_header_keeps_what_is_no_secret_in_it(name: str, value: str, redacted: str) -> None:
    assert redactor().headers([(name, value)]) == ((name, redacted),)


def test_headers_keep_their_order_and_their_repetition() -> None:
    sent = [("B", "1"), ("A", "2"), ("B", "1")]

    assert redactor().headers(sent) == tuple(sent)


def test_a_header_seen_before_is_redacted_anew_once_its_secret_is_known() -> None:
    subject = redactor()
    sent = [("X-Note", "was fresh-secret-9")]
    assert subject.headers(sent) == tuple(sent)

    subject.learn("fresh-secret-9")

    assert subject.headers(sent) == (("X-Note", f"was {p('fresh-secret-9', 'known')}"),)


def test_any_number_of_different_headers_is_redacted_alike() -> None:
    subject = redactor()
    sent = [("X-Api-Key", f"key-{number}") for number in range(5000)]

    assert subject.headers([*sent, sent[0]]) == tuple(
        (name, p(value, "api-key")) for name, value in [*sent, sent[0]]
    )


def test_a_known_secret_is_of_the_kind_it_was_learned_as() -> None:
    subject = redactor("plain-secret-1")
    subject.learn("pass-secret-2", kind="password")

    assert subject.text("plain-secret-1 pass-secret-2") == (
        f"{p('plain-secret-1', 'known')} {p('pass-secret-2', 'password')}"
    )
    assert subject.text('{"token": "pass-secret-2"}') == f'{{"token": "{p("pass-secret-2", "password")}"}}'


def test_a_secret_learned_twice_keeps_its_first_kind() -> None:
    subject = redactor("plain-secret-1")
    subject.learn("plain-secret-1", kind="password")

    assert subject.text("plain-secret-1") == p("plain-secret-1", "known")
    assert subject.known == ("plain-secret-1",)


@pytest.mark.parametrize(("secret", "is_known"), [("", False), ("ab", False), ("abc", True)])
def test_what_is_too_short_to_be_told_from_text_is_not_learned(secret: str, is_known: bool) -> None:
    assert redactor(secret).known == ((secret,) if is_known else ())


def test_the_longer_of_two_secrets_that_begin_alike_goes_as_a_whole() -> None:
    subject = redactor("secret-one", "secret-one-more")

    assert subject.text("a secret-one-more b secret-one c") == (
        f"a {p('secret-one-more', 'known')} b {p('secret-one', 'known')} c"
    )


@pytest.mark.parametrize("written", ["s3cret%20value", "s3cret+value", "s3cret%20val%75e"])
def test_a_known_secret_written_as_in_a_form_has_the_placeholder_of_its_value(written: str) -> None:
    subject = redactor("s3cret value")

    assert subject.text(f"password={written}&a=1") == f"password={p('s3cret value', 'known')}&a=1"


def test_a_percent_sign_that_hides_nothing_known_stays_part_of_the_value() -> None:
    assert redactor().headers([("X-Api-Key", "100%25")])[0][1] == p("100%25", "api-key")
    assert redactor("100% sure").headers([("X-Api-Key", "100%25+sure")])[0][1] == p("100% sure", "known")


def test_a_credential_that_contains_a_known_secret_goes_as_a_whole() -> None:
    subject = redactor("known-secret-1")

    assert subject.text('{"password": "a known-secret-1 b"}') == (
        f'{{"password": "{p("a known-secret-1 b", "password")}"}}'
    )


def test_a_copy_knows_the_same_and_learns_for_itself() -> None:
    first = redactor("known-secret-1")
    second = first.copy()
    second.learn("fresh-secret-9")

    assert second.text("known-secret-1") == first.text("known-secret-1") == p("known-secret-1", "known")
    assert second.text("fresh-secret-9") == p("fresh-secret-9", "known")
    assert first.text("fresh-secret-9") == "fresh-secret-9"


def test_what_is_handed_over_makes_a_redactor_that_redacts_alike() -> None:
    given = redactor("known-secret-1").handover()

    assert given == {"key": KEY.hex(), "secrets": ["known-secret-1"]}


def test_bytes_are_redacted_as_text_and_all_others_kept() -> None:
    subject = redactor("known-secret-1", "s\udcffcret-two-x")

    assert (
        subject.bytes(b"\xff known-secret-1 \x80")
        == b"\xff " + p("known-secret-1", "known").encode() + b" \x80"
    )
    assert subject.bytes(b"s\xffcret-two-x") == p("s\udcffcret-two-x", "known").encode()
