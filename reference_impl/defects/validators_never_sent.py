"""No answer says which version of a thing it is."""

from reference_impl.defects.heads import harmless_heads, saying, without, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_TAG = b"etag"


def _untold(_exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    return without(headers, _TAG) if _TAG in dict(headers) else None


def _told_last(_exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    """The order of fields means nothing."""
    return saying(headers, _TAG, dict(headers)[_TAG]) if _TAG in dict(headers) else None


DEFECT = Defect(
    id="validators-never-sent",
    family="rest-semantics",
    title="No answer says which version of a thing it is.",
    breaks=("http.validators-sent",),
    apply=wrong_heads(_untold),
    twin=harmless_heads(_told_last),
)
