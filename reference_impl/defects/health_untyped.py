"""The health answer does not say of which media type it is."""

from reference_impl.defects.heads import harmless_heads, saying, without, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_PATH = "/health/live"


def _untyped(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    return without(headers, b"content-type") if exchange.path == _PATH else None


def _with_charset(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    kind = dict(headers).get(b"content-type")
    if exchange.path != _PATH or kind is None:
        return None
    return saying(headers, b"content-type", kind + b"; charset=utf-8")


DEFECT = Defect(
    id="health-untyped",
    family="rest-semantics",
    title="The health answer does not say of which media type it is.",
    breaks=("http.content-typed",),
    apply=wrong_heads(_untyped),
    twin=harmless_heads(_with_charset),
)
