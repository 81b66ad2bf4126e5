"""The GraphQL endpoint refuses strangers and does not say how to authenticate."""

from reference_impl.defects.heads import harmless_heads, saying, without, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_CHALLENGE = b"www-authenticate"


def _silent(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return without(headers, _CHALLENGE) if exchange.path == "/graphql" and status == 401 else None


def _another_realm(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if exchange.path != "/graphql" or status != 401:
        return None
    challenge = dict(headers).get(_CHALLENGE, b"")
    return saying(headers, _CHALLENGE, challenge.replace(b'realm="core"', b'realm="chapters"'))


DEFECT = Defect(
    id="graphql-challenge-missing",
    family="graphql-http",
    title="The GraphQL endpoint refuses strangers and does not say how to authenticate.",
    breaks=("http.required-fields-sent",),
    apply=wrong_heads(_silent),
    twin=harmless_heads(_another_realm),
)
