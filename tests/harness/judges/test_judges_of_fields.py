"""What the judges of header fields say word for word, and where exactly each of them draws its line."""

import base64
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.core.operation import Operation
from harness.judges.examples import JSON, exchange, item_operation
from tests.harness.judges.asking import answered, judged, told

FINE = ("as-required", "1 of 1 answers")
HERE = "1 of 1 answers: GET /items/1"
DATED = {"Date": "Thu, 26 Nov 2026 08:00:00 GMT"}


def headed(*headers: tuple[str, str], status: int = 200) -> Exchange:
    """Return an answer with these fields, each of them in its own line."""
    return answered(exchange(status), headers=headers)


def syntax(*headers: tuple[str, str], status: int = 200) -> tuple[str, str]:
    return next(
        (item.reason, item.seen)
        for item in judged("field-syntax", headed(*headers, status=status))
        if item.requirement == "http.fields-well-formed"
    )


def presence(status: int, **headers: str) -> list[tuple[str, str]]:
    return [
        (item.reason, item.seen)
        for item in judged("field-syntax", exchange(status, headers=headers))
        if item.requirement == "http.required-fields-sent"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "json"),
        ("Content-Length", "12a"),
        ("Date", "now"),
        ("ETag", "a"),
        ("Last-Modified", "now"),
        ("Location", "/a path"),
        ("Retry-After", "soon"),
        ("Content-Range", "bytes 0-0"),
        ("Allow", "GET;"),
        ("Vary", "a b"),
        ("Accept-Ranges", "bytes;"),
        ("Content-Encoding", "gzip;"),
        ("Cache-Control", "max-age = 1"),
        ("Link", "/a"),
        ("Link", "</a>; rel=next, </b>"),
        ("Link", '</a>; rel=next x, </b>; rel="last"'),
    ],
)
def test_a_malformed_field_is_named_with_its_value(name: str, value: str) -> None:
    assert syntax((name, value)) == ("field-malformed", f"{HERE} answered 200 with {name}: {value}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Link", ""),
        ("Link", '</a>; REL="next"'),
        ("Link", "</a>; rel* = UTF-8''next"),
        ("Link", "</a>; title=x; rel=next,</b>;rel=prev"),
        ("ETag", ' "a" '),
        ("Content-Type", "text/html;"),
        ("Content-Type", "text/{{secret:kind:0123abcd}}"),
    ],
)
def test_a_field_may_be_written_in_every_way_that_http_allows(name: str, value: str) -> None:
    assert syntax((name, value)) == FINE


def test_a_field_that_stands_once_may_not_have_two_values_and_a_list_may() -> None:
    assert syntax(("ETag", '"a"'), ("ETag", '"b"'), ("ETag", '"a"')) == (
        "field-repeated",
        f"{HERE} answered 200 with 3 different ETag fields",
    )
    assert syntax(("ETag", '"a"'), ("ETag", '"a"')) == FINE
    assert syntax(("Allow", "GET"), ("Allow", "PUT")) == FINE


def test_a_length_may_not_stand_beside_a_transfer_encoding() -> None:
    assert syntax(("Transfer-Encoding", "chunked"), ("Content-Length", "2")) == (
        "length-twice",
        f"{HERE} answered 200 with both Transfer-Encoding and Content-Length",
    )
    assert syntax(("Transfer-Encoding", "chunked")) == syntax(("Content-Length", "2")) == FINE


ANNOUNCED = ("content-announced", f"{HERE} answered 204 and announces content")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("Content-Length", "2"), ANNOUNCED),
        (("Content-Length", "10"), ANNOUNCED),
        (("Transfer-Encoding", "chunked"), ANNOUNCED),
        (("Content-Length", " 00 "), FINE),
        (("X-Other", "2"), FINE),
    ],
)
def test_no_content_means_that_none_is_announced(header: tuple[str, str], said: Any) -> None:
    assert syntax(header, status=204) == said
    assert syntax(header, status=200) == FINE


@pytest.mark.parametrize(
    ("status", "field", "value"),
    [
        (401, "WWW-Authenticate", "Bearer"),
        (407, "Proxy-Authenticate", "Basic"),
        (426, "Upgrade", "h2c"),
        (206, "Content-Range", "bytes 0-0/1"),
        (200, "Date", DATED["Date"]),
        (399, "Date", DATED["Date"]),
    ],
)
def test_each_status_brings_its_field(status: int, field: str, value: str) -> None:
    assert presence(status, **{field: value}) == [FINE]
    assert presence(status, **{f"X-{field}": value}) == [
        ("field-missing", f"{HERE} answered {status} without {field}")
    ]


def test_a_part_may_be_one_of_several_and_an_error_need_not_be_dated() -> None:
    assert presence(206, **{"Content-Type": "multipart/byteranges; boundary=x"}) == [FINE]
    assert presence(400) == presence(500) == []


def no_seconds(name: str) -> str:
    return f"cache-seconds-malformed, and {name} is no number of seconds"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("public, private", "cache-contradiction with public and private"),
        ("PUBLIC, Private", "cache-contradiction with public and private"),
        ("no-store, max-age=60", "cache-contradiction with no-store and a lifetime"),
        ("no-store, s-maxage=60", "cache-contradiction with no-store and a lifetime"),
        ("no-store, max-age=10", "cache-contradiction with no-store and a lifetime"),
        ("no-store, public", "cache-contradiction with no-store and a lifetime"),
        ("no-store, max-age=000, s-maxage=60", ""),
        ("no-store, max-age=0", ""),
        ("no-store", ""),
        ("max-age=60", ""),
        ("max-age", no_seconds("max-age")),
        ("s-maxage=soon", no_seconds("s-maxage")),
        ("max-age=60X", no_seconds("max-age")),
        ("no-store, max-age=X60", no_seconds("max-age")),
        ("stale-while-revalidate=-1", no_seconds("stale-while-revalidate")),
        ("max-age=1, stale-if-error=x", no_seconds("stale-if-error")),
        ('max-age="60"', ""),
        ('private="public, x"', ""),
        (' , private="a", ', ""),
        ('no-cache="a, b", public, private', "cache-contradiction with public and private"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_about_caching_is_quoted(value: str, said: str) -> None:
    reason, _, clause = said.replace(",", " ,", 1).partition(" ")
    joint = "" if clause.startswith(",") else " "

    found = told("cache-directives", headed(("Cache-Control", value)))

    assert found == [(reason, f"{HERE} answered 200{joint}{clause}: {value}") if said else FINE]


def test_directives_in_several_lines_are_read_together_and_none_say_nothing() -> None:
    assert told("cache-directives", headed(("Cache-Control", "public"), ("Cache-Control", "private"))) == [
        ("cache-contradiction", f"{HERE} answered 200 with public and private: public, private")
    ]
    assert told("cache-directives", headed(("Cache-Control", " , "))) == []


def test_a_cookie_may_not_be_shared() -> None:
    cookie = ("Set-Cookie", "a=b")

    assert told("cache-directives", headed(cookie, ("Cache-Control", "public, max-age=60"))) == [
        ("cookie-shared", f"{HERE} answered 200 and lets shared caches keep a cookie: public, max-age=60")
    ]
    assert told("cache-directives", headed(cookie, ("Cache-Control", "private"))) == [FINE]
    assert told("cache-directives", headed(("Cache-Control", "public"))) == [FINE]


def moved(
    location: str | None, base: str = "http://127.0.0.1:8000", host: str = "", status: int = 307
) -> Any:
    headers = {} if location is None else {"Location": location}
    sent = {"Host": host} if host else {}
    item = exchange(status, target="/items/?page=1", headers=headers, sent=sent)
    return told("redirects", item, base_url=base)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_names_where_to_go(status: int) -> None:
    said = [("location-missing", f"1 of 1 answers: GET /items/ answered {status} without Location")]

    assert moved(None, status=status) == moved("", status=status) == said
    assert moved("/elsewhere", status=status) == [FINE]
    assert moved(None, status=300) == moved(None, status=304) == []


@pytest.mark.parametrize(
    ("location", "base", "host", "reason"),
    [
        ("http://a.example/items", "http://a.example", "", ""),
        ("//a.example/items?x#y", "http://a.example", "", ""),
        (" http://b.example/items ", "http://a.example", "b.example", ""),
        ("http://b.example/items", "http://a.example", "c.example", "origin-left"),
        ("HTTP://b.example/items/", "http://a.example", "", "origin-left"),
        ("http://b.example/other", "http://a.example", "", ""),
        ("http://b.example/itemsX", "http://a.example", "", ""),
        ("ftp://b.example/items", "http://a.example", "", ""),
        ("http://localhost:1/items", "http://127.0.0.1:8000", "", ""),
        ("http://[::1]/items", "http://a.example", "localhost:8000", ""),
        ("http://localhost:1/items", "http://a.example", "", "origin-left"),
        ("http://b.example/items", "http://localhost", "", "origin-left"),
        ("http://localhost.example/items", "http://localhost", "", "origin-left"),
        ("http://a.example/items", "https://a.example", "", "scheme-lowered"),
        ("HTTP://a.example/items", "HTTPS://a.example", "", "scheme-lowered"),
        ("https://a.example/items", "https://a.example", "", ""),
        ("//a.example/items", "https://a.example", "", ""),
        ("http://b.example/items", "no address", "b.example", ""),
        ("http://b.example/items", "no address", "", "origin-left"),
    ],
)
def test_a_redirect_that_only_mends_the_path_stays_where_it_was_asked(
    location: str, base: str, host: str, reason: str
) -> None:
    said = (reason, f"1 of 1 answers: GET /items/ answered 307 with Location: {location}")

    assert moved(location, base, host) == [said if reason else FINE]


def test_a_redirect_from_another_path_to_the_root_may_go_anywhere() -> None:
    item = exchange(307, target="/X", headers={"Location": "http://b.example/"})

    assert told("redirects", item, base_url="http://a.example") == [FINE]


def test_methods_that_allow_names_have_to_be_documented() -> None:
    operations = [Operation(method=method, path="/items/{id}") for method in ("GET", "PUT")]

    def allowing(*fields: str, target: str = "/items/1?x=1") -> list[tuple[str, str]]:
        item = answered(exchange(405, target=target), headers=tuple(("Allow", field) for field in fields))
        return told("undeclared-methods", item, operations=operations)

    assert allowing("GET, put,,HEAD, OPTIONS, TRACE, CONNECT") == [FINE]
    assert allowing("patch , GET", "DELETE") == [
        ("method-undocumented", "1 of 1 answers: /items/1: Allow names DELETE, PATCH, the document does not")
    ]
    assert allowing() == allowing("DELETE", target="/elsewhere") == []


def test_one_answer_that_shows_nothing_does_not_hide_the_next() -> None:
    silent = exchange(200, target="/elsewhere", headers={"Allow": "PUT"})
    flawed = exchange(405, name="scenarios-2", headers={"Allow": "PUT"})

    assert len(told("undeclared-methods", silent, flawed, operations=[item_operation()])) == 1


def typed(body: str, **response: Any) -> list[tuple[str, str]]:
    return told("declared-content", answered(exchange(200, body), **response))


AS_DECLARED, TYPED = FINE, FINE


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ('{"a": NaN}', "declared as JSON, but NaN is no JSON (RFC 8259 6)"),
        ("[1,", "declared as JSON, but Expecting value: line 1 column 4 (char 3)"),
        ("[" * 100_000, ""),
    ],
)  # fmt: skip
def test_what_keeps_content_from_being_json_is_told(body: str, flaw: str) -> None:
    said = [("content-differs", f"{HERE} answered 200: {flaw}")] if flaw else []

    assert typed(body) == [*said, TYPED]


@pytest.mark.parametrize(
    ("encoding", "flaw"),
    [
        ({}, "JSON that is not UTF-8"),
        ({"Content-Encoding": "Identity"}, "JSON that is not UTF-8"),
        ({"Content-Encoding": "br"}, ""),
    ],
)
def test_bytes_that_are_no_text_are_no_json_unless_they_are_compressed(
    encoding: dict[str, str], flaw: str
) -> None:
    body = base64.b64encode(b"\xff\xfe").decode()
    headers = tuple({"Content-Type": JSON, **encoding}.items())

    said = [("content-differs", f"{HERE} answered 200: {flaw}")] if flaw else []
    assert typed(body, body_is_base64=True, headers=headers) == [*said, TYPED]


def test_content_that_was_cut_is_typed_and_not_read_and_hides_no_other() -> None:
    cut = answered(exchange(200, "{"), is_truncated=True)

    assert told("declared-content", cut) == [TYPED]
    assert len(told("declared-content", cut, exchange(200, "{", name="scenarios-2"))) == 2


def test_content_without_a_type_is_told_and_no_content_needs_none() -> None:
    assert typed("{}", headers=()) == [("type-missing", f"{HERE} answered 200 with untyped content")]
    assert told("declared-content", exchange(204)) == []
    assert typed("{}") == [AS_DECLARED, TYPED]
    assert len(told("declared-content", exchange(204), exchange(200, "{", name="scenarios-2"))) == 2
