"""Judges that header fields have the syntax that HTTP gives them, and that statuses bring their fields."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "field-syntax"
_WELL_FORMED = "http.fields-well-formed"
_REQUIRED = "http.required-fields-sent"
#: What stands in the place of a secret since it was recorded.
_PLACEHOLDER = re.compile(r"\{\{secret:[a-z-]+:[0-9a-f]{8}\}\}")
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - the word is HTTP's own
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LIST = rf"\s*(?:{_TOKEN})?(?:\s*,\s*(?:{_TOKEN})?)*\s*"
_PARAMETER = rf"\s*;\s*(?:{_TOKEN}\s*=\s*(?:{_TOKEN}|{_QUOTED}))?"
_LINK_PARAMETER = rf"\s*;\s*(?:{_TOKEN}\s*(?:=\s*(?:{_QUOTED}|[^\s,;\"]+))?)?"
_LINK = rf"\s*<[^<>\s]*>(?:{_LINK_PARAMETER})*\s*"
_DIRECTIVE = rf"\s*(?:{_TOKEN}(?:=(?:{_TOKEN}|{_QUOTED}))?)?\s*"
_DATE = "%a, %d %b %Y %H:%M:%S GMT"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _matching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def is_http_date(value: str) -> bool:
    """Whether a value is an IMF-fixdate whose weekday is that of its day (RFC 9110 5.6.7)."""
    try:
        day = datetime.strptime(value, _DATE)  # noqa: DTZ007 - the format itself says GMT
    except ValueError:
        return False
    return value.startswith(_DAYS[day.weekday()])


def _is_retry_after(value: str) -> bool:
    return value.isdecimal() or is_http_date(value)


def _is_link(value: str) -> bool:
    """A list of links, each with a relation type (RFC 8288 3: rel must be present)."""
    links = re.split(r",(?=\s*<)", value)
    shape = re.compile(_LINK)
    return all(
        shape.fullmatch(each) and re.search(r";\s*rel\*?\s*=", each, re.IGNORECASE) for each in links if each
    )


#: Fields that stand once, with the syntax of their value.
_SINGLE: Mapping[str, Callable[[str], bool]] = {
    "Content-Type": _matching(rf"{_TOKEN}/{_TOKEN}(?:{_PARAMETER})*\s*"),
    "Content-Length": _matching(r"\d+"),
    "Date": is_http_date,
    "ETag": _matching(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'),
    "Last-Modified": is_http_date,
    "Location": _matching(r"[!#-;=?-\[\]_a-z~]+"),
    "Retry-After": _is_retry_after,
    "Content-Range": _matching(r"bytes (?:\d+-\d+/(?:\d+|\*)|\*/\d+)|(?!bytes)\S+ .*"),
}
#: Fields that are lists and may stand several times.
_LISTED: Mapping[str, Callable[[str], bool]] = {
    "Allow": _matching(_LIST),
    "Vary": _matching(_LIST),
    "Accept-Ranges": _matching(_LIST),
    "Content-Encoding": _matching(_LIST),
    "Cache-Control": _matching(rf"{_DIRECTIVE}(?:,{_DIRECTIVE})*"),
    "Link": _is_link,
}
#: What an answer with a status must bring along (RFC 9110).
_BY_STATUS: Mapping[int, str] = {401: "WWW-Authenticate", 407: "Proxy-Authenticate", 426: "Upgrade"}


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target for each of the two requirements."""
    yield from findings(
        _syntax(found),
        requirement=_WELL_FORMED,
        judge=_ID,
        expected="every field of an answer that HTTP defines has the syntax that HTTP gives it",
        base_url=found.base_url,
    )
    yield from findings(
        _presence(found),
        requirement=_REQUIRED,
        judge=_ID,
        expected="every success carries Date, every 401 WWW-Authenticate, every 206 what part it is",
        base_url=found.base_url,
    )


def _syntax(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        flaw, seen = next(_flaws(item, response), ("", ""))
        yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaws(item: Exchange, response: Response) -> Iterator[tuple[str, str]]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    for name, is_right in {**_SINGLE, **_LISTED}.items():
        values = response.all(name)
        for value in values:
            if not is_right(_PLACEHOLDER.sub("redacted", value).strip()):
                yield "field-malformed", f"{where} with {name}: {value}"
        if name in _SINGLE and len(set(values)) > 1:
            yield "field-repeated", f"{where} with {len(values)} different {name} fields"
    if response.all("transfer-encoding") and response.all("content-length"):
        yield "length-twice", f"{where} with both Transfer-Encoding and Content-Length"
    if response.status == 204 and _announces_content(response):
        yield "content-announced", f"{where} and announces content"


def _announces_content(response: Response) -> bool:
    length = (response.header("content-length") or "0").strip()
    return bool(response.all("transfer-encoding")) or length.strip("0") != ""


def _presence(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        missing = _missing(response)
        if missing is not None:
            where = f"{item.request.method} {item.request.path} answered {response.status}"
            seen = f"{where} without {missing}" if missing else ""
            flaw = "field-missing" if missing else ""
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _missing(response: Response) -> str | None:
    """Return the field that is missing, "" when none is, None when the answer shows nothing."""
    if name := _BY_STATUS.get(response.status):
        return "" if response.header(name) else name
    if response.status == 206:
        is_part = response.header("content-range") or response.media_type == "multipart/byteranges"
        return "" if is_part else "Content-Range"
    if response.status < 400:
        return "" if response.header("date") else "Date"
    return None


_DATED = {"Date": "Thu, 26 Nov 2026 08:00:00 GMT", "ETag": '"one"'}

JUDGE = Judge(
    id=_ID,
    requirements=(_WELL_FORMED, _REQUIRED),
    judge=judge,
    good=recorded(exchange(200, "{}", headers=_DATED)),
    bad=recorded(exchange(200, "{}", headers={"ETag": "one"}), exchange(401, name="scenarios-2")),
)
