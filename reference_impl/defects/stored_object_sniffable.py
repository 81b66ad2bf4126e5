"""Browsers may take a stored object for a page, whatever type it was stored with."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_OBJECTS = "/api/storage/objects"


def _unguarded(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    """A field of the answer's own takes the place of the common one, and says nothing."""
    if not exchange.path.startswith(_OBJECTS):
        return None
    return saying(headers, b"x-content-type-options", b"sniff")


def _capitals(exchange: Exchange, _status: int, headers: HeaderList) -> HeaderList | None:
    if not exchange.path.startswith(_OBJECTS):
        return None
    return saying(headers, b"x-content-type-options", b"NoSniff")


DEFECT = Defect(
    id="stored-object-sniffable",
    family="owasp-api",
    title="Browsers may take a stored object for a page, whatever type it was stored with.",
    breaks=("security.headers-set",),
    apply=wrong_heads(_unguarded),
    twin=harmless_heads(_capitals),
)
