"""A compressed answer does not say that another client gets it plain."""

from reference_impl.defects.heads import harmless_heads, without, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList


def _is_packed(headers: HeaderList) -> bool:
    return any(name == b"content-encoding" for name, _ in headers)


def _silent(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    if not _is_packed(headers):
        return None
    exchange.vary.clear()
    return without(headers, b"vary")


def _varying_more(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    if not _is_packed(headers):
        return None
    exchange.vary.append("Accept")
    return headers


DEFECT = Defect(
    id="coding-not-in-vary",
    family="rest-semantics",
    title="A compressed answer does not say that another client gets it plain.",
    breaks=("http.compression-transparent",),
    apply=wrong_heads(_silent),
    twin=harmless_heads(_varying_more),
)
