"""The answer that nothing has changed does not say which version that is."""

from reference_impl.defects.heads import harmless_heads, saying, without, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_UNCHANGED, _TAG = 304, b"etag"


def _untold(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return without(headers, _TAG) if status == _UNCHANGED and _TAG in dict(headers) else None


def _told_last(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    """The order of fields means nothing."""
    if status != _UNCHANGED or _TAG not in dict(headers):
        return None
    return saying(headers, _TAG, dict(headers)[_TAG])


DEFECT = Defect(
    id="unchanged-without-its-tag",
    family="rest-semantics",
    title="The answer that nothing has changed does not say which version that is.",
    breaks=("http.conditional-reads-honoured",),
    apply=wrong_heads(_untold),
    twin=harmless_heads(_told_last),
)
