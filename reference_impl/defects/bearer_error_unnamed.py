"""A refused token is answered as if there had been none."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_CHALLENGE = b"www-authenticate"


def _without_error(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if status != 401 or b"error=" not in dict(headers).get(_CHALLENGE, b""):
        return None
    return saying(headers, _CHALLENGE, b'Bearer realm="core"')


def _in_words_too(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    challenge = dict(headers).get(_CHALLENGE, b"")
    if status != 401 or b"error=" not in challenge or b"error_description=" in challenge:
        return None
    return saying(headers, _CHALLENGE, challenge + b', error_description="The token is not valid."')


DEFECT = Defect(
    id="bearer-error-unnamed",
    family="jwt",
    title="A refused token is answered as if there had been none.",
    breaks=("security.bearer-errors-coded",),
    apply=wrong_heads(_without_error),
    twin=harmless_heads(_in_words_too),
)
