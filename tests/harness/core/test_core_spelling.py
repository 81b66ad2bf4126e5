"""Every spelling of a secret is matched as a whole, and a quick look for a part of it never misses one."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.spelling import cores_of, pattern_of

SECRET = "a b\\c/d\"e&f<g>'h\té\n1+2=3?4€😀\x7f"


def matches(secret: str, text: str) -> bool:
    return re.fullmatch(pattern_of(secret), text, re.VERBOSE) is not None


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        html.escape(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET)[1:-1])[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    ],
)
def test_a_spelling_is_matched_from_its_first_to_its_last_character(written: str) -> None:
    assert matches(SECRET, written)


@pytest.mark.parametrize(
    ("character", "spellings"),
    [
        (" ", [" ", "+", "%20", "\\ "]),
        ("\\", ["\\", "\\\\", "\\\\\\\\", "%5C", "%5c"]),
        ("/", ["/", "\\/", "%2F", "%2f"]),
        ('"', ['"', '\\"', "%22", "&quot;"]),
        ("&", ["&", "%26", "&amp;"]),
        ("<", ["<", "%3C", "%3c", "&lt;"]),
        ("'", ["'", "%27", "&#x27;"]),
        ("\n", ["\n", "\\n", "\\\\n", "%0A", "%0a", "\\u000a", "\\u000A"]),
        ("\t", ["\t", "\\t", "%09", "\\u0009"]),
        ("\r", ["\r", "\\r", "%0D"]),
        ("\b", ["\b", "\\b", "%08"]),
        ("\f", ["\f", "\\f", "%0C"]),
        ("é", ["é", "%C3%A9", "%c3%a9", "\\u00e9", "\\u00E9", "\\\\u00e9"]),
        ("😀", ["😀", "%F0%9F%98%80", "\\ud83d\\ude00", "\\uD83D\\uDE00"]),
        ("\x7f", ["\x7f", "%7F", "\\u007f"]),
        ("=", ["=", "%3D", "%3d", "\\="]),
        (".", [".", "%2E"]),
        ("\udcff", ["\udcff", "%FF", "\\udcff"]),
    ],
)
def test_a_character_is_matched_in_each_of_its_spellings(character: str, spellings: list[str]) -> None:
    secret = f"long{character}enough"

    for spelling in spellings:
        assert matches(secret, f"long{spelling}enough"), spelling
    assert not matches(secret, "longxenough")
    assert not matches(secret, "longenough")


@pytest.mark.parametrize(
    ("character", "others"),
    [("a", ["A", "%61", "\\a"]), ("7", ["%37", "8"]), (".", ["x", ""]), ("n", ["\\n"]), ("-", ["\\u002d"])],
)
def test_a_character_has_no_other_spelling(character: str, others: list[str]) -> None:
    for other in others:
        assert not matches(f"long{character}enough", f"long{other}enough"), other


@pytest.mark.parametrize(
    ("secret", "text", "is_found"),
    [
        ("admin", "login admin ok", True),
        ("admin", "(admin)", True),
        ("admin", "administrator", False),
        ("admin", "sysadmin", False),
        ("admin", "admin1", False),
        ("1234567", "x1234567", False),
        ("12345678", "x12345678y", True),
    ],
)
def test_a_short_secret_is_a_word_and_a_long_one_is_found_anywhere(
    secret: str, text: str, is_found: bool
) -> None:
    assert (re.search(pattern_of(secret), text, re.VERBOSE) is not None) is is_found


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz", b"user:"])
@pytest.mark.parametrize("after", [b"", b"?", b"??", b"???"])
@pytest.mark.parametrize("secret", ["hunt\xff\xfe?>r2", "sixsix", "a?>b?>c"])
def test_base64_is_recognised_wherever_the_secret_stands_in_what_was_encoded(
    secret: str, before: bytes, after: bytes
) -> None:
    raw = before + secret.encode() + after
    plain, of_urls = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    pattern = re.compile(pattern_of(secret), re.VERBOSE)

    start, end = 8 * (len(before) % 3), 8 * (len(before) % 3 + len(secret.encode()))
    of_the_secret_alone = end // 6 - -(-start // 6)  # of six bits each, all of them the secret's
    in_a_form = plain.replace("+", "%2b").replace("/", "%2f")
    for written in (plain, of_urls, quote(plain, safe=""), in_a_form, plain.replace("/", "\\/")):
        found = pattern.search(written)
        assert found is not None, written
        assert len(found[0]) >= of_the_secret_alone


def test_base64_of_what_is_shorter_than_six_is_not_looked_for() -> None:
    for secret, is_looked_for in (("fives", False), ("sixsix", True)):
        encoded = base64.b64encode(secret.encode()).decode()

        assert (re.search(pattern_of(secret), encoded, re.VERBOSE) is not None) is is_looked_for


@given(
    secret=st.text(min_size=3, max_size=20).filter(lambda text: text.isprintable()),
    lead=st.binary(max_size=4),
)
def test_a_look_for_the_cores_misses_no_spelling(secret: str, lead: bytes) -> None:
    raw = lead + secret.encode()
    spellings = [secret, quote(secret, safe=""), json.dumps(secret)[1:-1], html.escape(secret)]
    if len(secret) >= 6:
        spellings += [base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()]

    for spelling in spellings:
        assert any(core in spelling for core in cores_of(secret)), spelling


def test_the_core_is_the_longest_run_of_letters_and_digits() -> None:
    assert cores_of("ab-cdef-g")[0] == "cdef"
    assert cores_of("ab-c") == ("ab",)
    assert cores_of("-_-") == ("",)
    assert len(cores_of("sixsix")) == 4
