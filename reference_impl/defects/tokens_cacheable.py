"""Caches may keep the answer that hands out tokens."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_ENTRANCES = ("/auth/login", "/auth/refresh")


def _kept(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if exchange.path not in _ENTRANCES or status != 200:
        return None
    return saying(headers, b"cache-control", b"private, max-age=30")


def _more_than_forbidden(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if exchange.path not in _ENTRANCES or status != 200:
        return None
    return saying(headers, b"cache-control", b"private, no-store")


DEFECT = Defect(
    id="tokens-cacheable",
    family="session",
    title="Caches may keep the answer that hands out tokens.",
    breaks=("security.tokens-not-cached",),
    apply=wrong_heads(_kept),
    twin=harmless_heads(_more_than_forbidden),
)
