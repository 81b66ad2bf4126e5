"""A stored object tells its last change in a syntax that HTTP does not have."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList


def _changed(value: bytes, exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if not exchange.path.startswith("/api/storage/objects/") or status not in {200, 201}:
        return None
    return saying(headers, b"last-modified", value)


def _iso(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return _changed(b"2026-01-05T08:00:00Z", exchange, status, headers)


def _http(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return _changed(b"Mon, 05 Jan 2026 08:00:00 GMT", exchange, status, headers)


DEFECT = Defect(
    id="last-change-in-another-syntax",
    family="rest-semantics",
    title="A stored object tells its last change in a syntax that HTTP does not have.",
    breaks=("http.fields-well-formed",),
    apply=wrong_heads(_iso),
    twin=harmless_heads(_http),
)
