"""Fetches what a target publishes, within bounds: size, inflated size, time, one origin."""

import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

#: Real documents have a few MiB; the largest known public ones are under 15.
MOST_BYTES = 16 * 1024 * 1024
_MOST_SECONDS = 10.0
_MOST_REDIRECTS = 5
_PIECE = 64 * 1024


class NotFetched(Exception):
    """There is no answer that could be read; `is_silence` when none came in time."""

    def __init__(self, message: str, *, is_silence: bool = False) -> None:
        super().__init__(message)
        self.is_silence = is_silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer read to its end; `path` is where it was in the end, below the origin."""

    path: str
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def media_type(self) -> str:
        """The lower-case media type without parameters."""
        return str(self.headers.get("content-type", "")).split(";", 1)[0].strip().lower()

    @property
    def text(self) -> str:
        """The content as text; what is no UTF-8 is replaced."""
        return self.content.decode("utf-8", "replace")


def fetch(
    client: httpx.Client,
    path: str,
    *,
    most_bytes: int = MOST_BYTES,
    seconds: float = _MOST_SECONDS,
    accept: str = "*/*",
) -> Fetched:
    """GET a path and the redirects it leads to on the same origin; raises NotFetched.

    A redirect to another origin is not followed: nobody asked for that origin to be contacted.
    """
    limit = time.monotonic() + seconds
    url = client.build_request("GET", path).url
    for _ in range(_MOST_REDIRECTS + 1):
        try:
            fetched, location = _fetch_once(client, url, accept, most_bytes, limit)
        except httpx.InvalidURL as problem:
            raise NotFetched(f"GET {path}: {problem}") from problem
        except httpx.HTTPError as problem:
            is_silence = isinstance(problem, httpx.TimeoutException)
            said = f"GET {path} gave {type(problem).__name__}: {problem}"
            raise NotFetched(said, is_silence=is_silence) from problem
        if location is None:
            return fetched
        if not is_same_origin(location, url):
            raise NotFetched(f"GET {path} redirects to another origin, {_origin(location)}: not followed")
        url = location
    raise NotFetched(f"GET {path} redirects more than {_MOST_REDIRECTS} times")


def is_same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether two URLs have scheme, host and port in common."""
    return _origin(one) == _origin(other)


def _origin(url: httpx.URL) -> str:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
    return f"{url.scheme}://{url.host}:{port}"


def _fetch_once(
    client: httpx.Client, url: httpx.URL, accept: str, most_bytes: int, limit: float
) -> tuple[Fetched, httpx.URL | None]:
    headers = {"Accept": accept, "Accept-Encoding": "gzip, deflate"}
    with client.stream("GET", url, headers=headers, follow_redirects=False) as answer:
        location = answer.next_request.url if answer.next_request is not None else None
        content = b"" if location is not None else _content(answer, most_bytes, limit)
        fetched = Fetched(
            path=url.raw_path.decode("ascii"),
            status=answer.status_code,
            headers=answer.headers,
            content=content,
        )
        return fetched, location


def _content(answer: httpx.Response, most_bytes: int, limit: float) -> bytes:
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    content = bytearray()
    for piece in _inflated(_in_time(answer.iter_raw(), limit), encoding):
        content += piece
        if len(content) > most_bytes:
            raise NotFetched(f"{answer.request.url.path} is longer than {most_bytes // 1024} KiB")
    return bytes(content)


def _in_time(pieces: Iterator[bytes], limit: float) -> Iterator[bytes]:
    for piece in pieces:
        if time.monotonic() > limit:
            raise NotFetched("the answer did not end in time", is_silence=True)
        yield piece


def _inflated(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Undo the encoding piece by piece: a bomb is noticed before it is in memory."""
    match encoding:
        case "" | "identity":
            yield from pieces
            return
        case "gzip" | "x-gzip":
            inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        case "deflate":
            inflater = zlib.decompressobj()
        case _:
            raise NotFetched(f"its content encoding {encoding!r} was not asked for")
    try:
        for piece in pieces:
            rest = piece
            while rest:
                yield inflater.decompress(rest, _PIECE)
                rest = inflater.unconsumed_tail
    except zlib.error as problem:
        raise NotFetched(f"its content is no {encoding}: {problem}") from problem
