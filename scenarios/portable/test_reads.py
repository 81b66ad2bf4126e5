"""Reads follow HTTP: HEAD, OPTIONS, conditions, content coding, parts, negotiation, and the same again."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.expect import asked
from harness.layers.scenarios.reads import Read, ask
from harness.layers.scenarios.signals import Inconclusive

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_PLAIN = {"Accept-Encoding": "identity"}
_NO_HEAD = frozenset({400, 404, 405, 410, 501})
_OTHER_TAG = '"no-such-tag-7f3a9c"'
#: What a 304 must carry when the 200 would have (RFC 9110 15.4.5); a date changes by itself.
_KEPT = ("etag", "cache-control", "content-location", "expires", "vary")


def twice(client: httpx.Client, read: Read, **headers: str) -> httpx.Response | None:
    """Return the second of two answers when both are alike: only what stands still can be compared."""
    sent = {**_PLAIN, **headers}
    first, second = (ask(client, "GET", read.path, headers=sent) for _ in range(2))
    if first is None or second is None or first.status_code != 200 or second.status_code != 200:
        return None
    is_still = first.content == second.content and first.headers.get("etag") == second.headers.get("etag")
    return second if is_still else None


def steady(
    client: httpx.Client, readable: Sequence[Read], **headers: str
) -> list[tuple[Read, httpx.Response]]:
    """Return the reads that stand still, with their answers."""
    found = [(read, answer) for read in readable if (answer := twice(client, read, **headers)) is not None]
    if not found:
        raise Inconclusive("nothing-steady", "Every read changes from one answer to the next.")
    return found


@pytest.mark.requirement("http.head-equals-get")
@pytest.mark.needs("head")
def test_head_answers_as_get_does(identified: httpx.Client, readable: tuple[Read, ...]) -> None:
    """HEAD gives the status and the fields of GET, and a length only when it is GET's (RFC 9110 9.3.2)."""
    compared = 0
    for read, got in steady(identified, readable):
        answer = ask(identified, "HEAD", read.path, headers=_PLAIN)
        if answer is None or answer.status_code in _NO_HEAD:
            continue
        compared += 1
        where = f"HEAD {read.path}"
        assert answer.status_code == got.status_code, (
            f"{where} answered {answer.status_code}, GET {got.status_code}"
        )
        assert not answer.content, f"{where} answered with a body"
        for name in ("content-type", "etag"):
            ours, theirs = answer.headers.get(name), got.headers.get(name)
            assert ours in (None, theirs), f"{where} answered with {name}: {ours}, GET with {theirs}"
        length = answer.headers.get("content-length")
        is_echo = b"GET" in got.content  # what tells the method back is of another length for HEAD
        is_right = length is None or is_echo or not length.isdecimal() or int(length) == len(got.content)
        assert is_right, f"{where} announces {length} bytes, GET gives {len(got.content)}"
    if not compared:
        raise Inconclusive("no-head", "No read is answered to HEAD.")


@pytest.mark.requirement("http.options-answered")
def test_options_tells_what_may_be_done(identified: httpx.Client, readable: tuple[Read, ...]) -> None:
    """OPTIONS is answered with the methods in Allow (RFC 9110 9.3.7)."""
    for read in readable[:5]:
        answer = ask(identified, "OPTIONS", read.path)
        if answer is None or answer.status_code in {401, 403, 429}:
            raise Inconclusive("options-closed", f"OPTIONS {read.path} shows nothing to this caller.")
        allowed = {each.strip().upper() for each in answer.headers.get("allow", "").split(",")}
        assert answer.status_code < 500, f"{asked(answer)} answered {answer.status_code}"
        assert "GET" in allowed, (
            f"{asked(answer)} answered {answer.status_code} with Allow: "
            f"{answer.headers.get('allow', 'nothing')}, and GET is answered"
        )


@pytest.mark.requirement("http.conditional-reads-honoured")
@pytest.mark.needs("validators")
def test_a_read_of_what_the_client_has_is_not_sent_again(
    identified: httpx.Client, readable: tuple[Read, ...]
) -> None:
    """If-None-Match with the current tag is answered 304 with that tag, with another one 200."""
    tagged = [(read, got) for read, got in steady(identified, readable) if got.headers.get("etag")]
    if not tagged:
        raise Inconclusive("no-steady-tag", "No read that stands still carries an ETag.")
    for read, got in tagged:
        tag = got.headers["etag"]
        weak = tag if tag.startswith("W/") else f"W/{tag}"
        for sent in (tag, f"{_OTHER_TAG}, {tag}", weak):
            answer = _conditional(identified, read, sent)
            if answer.status_code == 200 and answer.headers.get("etag") != tag:
                raise Inconclusive("changed-meanwhile", f"GET {read.path} has another tag by now.")
            where = f"GET {read.path} with If-None-Match: {sent}"
            assert answer.status_code == 304, f"{where} answered {answer.status_code}, not 304"
            assert not answer.content, f"{where} answered 304 with a body"
            lost = [name for name in _KEPT if name in got.headers and name not in answer.headers]
            assert not lost, f"{where} answered 304 without {', '.join(lost)}"
        other = _conditional(identified, read, _OTHER_TAG)
        where = f"GET {read.path} with If-None-Match: {_OTHER_TAG}"
        assert other.status_code == 200, f"{where} answered {other.status_code}, not 200"


def _conditional(client: httpx.Client, read: Read, tag: str) -> httpx.Response:
    answer = ask(client, "GET", read.path, headers={**_PLAIN, "If-None-Match": tag})
    if answer is None or answer.status_code in {401, 403, 429, 503}:
        raise Inconclusive("no-answer", f"GET {read.path} with If-None-Match gave no answer to judge.")
    return answer


@pytest.mark.requirement("http.compression-transparent")
@pytest.mark.needs("compression")
def test_compression_changes_nothing_but_the_size(
    identified: httpx.Client, readable: tuple[Read, ...]
) -> None:
    """A compressed answer unpacks to the plain one and names Accept-Encoding in Vary; identity is plain."""
    compared = 0
    for read, got in steady(identified, readable):
        assert got.headers.get("content-encoding", "identity") == "identity", (
            f"GET {read.path} with Accept-Encoding: identity is answered with "
            f"{got.headers['content-encoding']}"
        )
        packed = _unpacked(identified, read)
        if packed is None or "content-encoding" not in packed.headers:
            continue
        compared += 1
        where = f"GET {read.path} with Accept-Encoding: gzip"
        coding = packed.headers["content-encoding"].lower()
        assert coding == "gzip", f"{where} is answered with Content-Encoding: {coding}"
        again = twice(identified, read)
        if again is not None and again.content == got.content:
            assert packed.content == got.content, f"{where} unpacks to other content than the plain answer"
        varies = packed.headers.get("vary", "").lower()
        assert "accept-encoding" in varies or "*" in varies, f"{where} is answered with Vary: {varies!r}"
    if not compared:
        raise Inconclusive("nothing-compressed", "No answer was compressed.")


def _unpacked(client: httpx.Client, read: Read) -> httpx.Response | None:
    try:
        return client.get(read.path, headers={"Accept-Encoding": "gzip"})
    except httpx.DecodingError as error:
        raise AssertionError(
            f"GET {read.path}: what is declared as gzip cannot be unpacked: {error}"
        ) from error
    except httpx.HTTPError:
        return None


@pytest.mark.requirement("http.ranges-honoured")
@pytest.mark.needs("ranges")
def test_a_part_is_what_was_asked_for(identified: httpx.Client, readable: tuple[Read, ...]) -> None:
    """Where Accept-Ranges is sent, a range gives that part with Content-Range, one past the end 416."""
    offered = [
        (read, got)
        for read, got in steady(identified, readable)
        if got.headers.get("accept-ranges", "").lower() == "bytes" and len(got.content) > 1
    ]
    if not offered:
        raise Inconclusive("no-ranges", "No read offers ranges.")
    for read, got in offered:
        part = ask(identified, "GET", read.path, headers={**_PLAIN, "Range": "bytes=0-0"})
        where = f"GET {read.path} with Range: bytes=0-0"
        assert part is not None, f"{where} gave no whole answer"
        assert part.status_code == 206, f"{where} answered {part.status_code} although ranges are offered"
        expected = f"bytes 0-0/{len(got.content)}"
        told = part.headers.get("content-range")
        assert told in (expected, "bytes 0-0/*"), f"{where} says Content-Range: {told}, not {expected}"
        assert part.content == got.content[:1], f"{where} gives {len(part.content)} bytes, not the first one"
        beyond = ask(
            identified, "GET", read.path, headers={**_PLAIN, "Range": f"bytes={len(got.content) + 10}-"}
        )
        assert beyond is None or beyond.status_code in {416, 200}, (
            f"GET {read.path} with a range past the end answered {beyond.status_code if beyond else ''}"
        )


@pytest.mark.requirement("http.negotiation-honoured")
@pytest.mark.needs("negotiation")
def test_a_documented_media_type_is_given_to_who_asks_for_it(
    identified: httpx.Client, readable: tuple[Read, ...]
) -> None:
    """Accept with one of several documented types gives that type, and the answers say Vary: Accept."""
    offering = [
        (read, read.operation.responses["200"])
        for read in readable
        if read.operation is not None and len(read.operation.responses.get("200", ())) > 1
    ]
    if not offering:
        raise Inconclusive("one-type-only", "No read that answers documents several media types.")
    for read, types in offering:
        given = {kind: ask(identified, "GET", read.path, headers={"Accept": kind}) for kind in types}
        told = {kind: _type_of(answer) for kind, answer in given.items() if _is_told(answer)}
        for kind, answered in told.items():
            assert answered == kind, f"GET {read.path} with Accept: {kind} is answered with {answered}"
        if len(told) > 1:
            silent = [kind for kind in told if "accept" not in _vary(given[kind])]
            assert not silent, f"GET {read.path} answers {len(told)} types and Vary does not name Accept"


def _is_told(answer: httpx.Response | None) -> bool:
    return answer is not None and answer.status_code == 200


def _type_of(answer: httpx.Response | None) -> str:
    return "" if answer is None else answer.headers.get("content-type", "").split(";")[0].strip().lower()


def _vary(answer: httpx.Response | None) -> Sequence[str]:
    listed = "" if answer is None else answer.headers.get("vary", "").lower()
    return ("accept",) if listed.strip() == "*" else [each.strip() for each in listed.split(",")]


@pytest.mark.requirement("http.redirects-keep-origin")
def test_a_mended_path_stays_where_it_was_asked(
    identified: httpx.Client, target: ScenarioContext, readable: tuple[Read, ...]
) -> None:
    """A redirect that adds or drops a slash keeps the scheme and the host that were asked."""
    base = httpx.URL(target.base_url)
    seen = 0
    for read in readable:
        plain = read.path.partition("?")[0]
        answer = ask(identified, "GET", plain.rstrip("/") if plain.endswith("/") else f"{plain}/")
        if answer is None or answer.next_request is None:
            continue
        onward = answer.next_request.url
        if onward.path.strip("/") != answer.request.url.path.strip("/"):
            continue
        seen += 1
        is_here = onward.host == base.host or {onward.host, base.host} <= _LOCAL
        said = f"{asked(answer)} is sent to {onward}"
        assert is_here, f"{said}, on another host than {base.host}"
        assert onward.scheme == base.scheme, f"{said}, by another scheme than {base.scheme}"
    if not seen:
        raise Inconclusive("no-redirect", "No path is mended by a redirect.")


@pytest.mark.requirement("testing.reads-repeatable")
def test_a_read_gives_the_same_answer_again(identified: httpx.Client, readable: tuple[Read, ...]) -> None:
    """Three reads in a row have one status, one media type and the same members: tests can rely on them."""
    seen = 0
    for read in readable:
        answers = [ask(identified, "GET", read.path) for _ in range(3)]
        told = [each for each in answers if each is not None and each.status_code != 429]
        if len(told) < 3:
            continue
        seen += 1
        shapes = {(each.status_code, _type_of(each), _members(each)) for each in told}
        assert len(shapes) == 1, f"GET {read.path} answered in {len(shapes)} different ways: {_said(told)}"
    if not seen:
        raise Inconclusive("no-answer", "No read was answered three times.")


def _members(answer: httpx.Response) -> Any:
    """Return the member names of an object; what a list holds may change."""
    try:
        body = answer.json()
    except ValueError:
        return None
    return tuple(sorted(body)) if isinstance(body, Mapping) and len(body) <= 30 else type(body).__name__


def _said(answers: Sequence[httpx.Response]) -> str:
    return "; ".join(f"{each.status_code} {_type_of(each)} {_members(each)}" for each in answers)[:600]
