"""OPTIONS is answered without a word of what may be done."""

from reference_impl.defects.heads import harmless_heads, saying, without, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList


def _silent(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    return without(headers, b"allow") if exchange.method == "OPTIONS" else None


def _backwards(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    if exchange.method != "OPTIONS":
        return None
    names = dict(headers).get(b"allow", b"").split(b", ")
    return saying(headers, b"allow", b",".join(reversed(names)))


DEFECT = Defect(
    id="options-without-allow",
    family="rest-semantics",
    title="OPTIONS is answered without a word of what may be done.",
    breaks=("http.options-answered",),
    apply=wrong_heads(_silent),
    twin=harmless_heads(_backwards),
)
