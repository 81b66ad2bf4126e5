"""An answer that no cache may store says how long to keep it."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_PATH = "/api/circuit-breakers/health"


def _contradicting(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if exchange.path != _PATH or status != 200:
        return None
    return saying(headers, b"cache-control", b"no-store, max-age=300")


def _emphatic(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if exchange.path != _PATH or status != 200:
        return None
    return saying(headers, b"cache-control", b"no-store, no-cache, max-age=0")


DEFECT = Defect(
    id="kept-although-not-stored",
    family="rest-semantics",
    title="An answer that no cache may store says how long to keep it.",
    breaks=("http.caching-consistent",),
    apply=wrong_heads(_contradicting),
    twin=harmless_heads(_emphatic),
)
