"""The answer to a creation names an address where nothing is."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList

_CREATED, _LOCATION = 201, b"location"


def _one_too_far(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    place = dict(headers).get(_LOCATION)
    if status != _CREATED or place is None:
        return None
    return saying(headers, _LOCATION, place + b"/new")


def _with_a_fragment(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    """A fragment is for the client alone; the address is the same."""
    place = dict(headers).get(_LOCATION)
    if status != _CREATED or place is None:
        return None
    return saying(headers, _LOCATION, place + b"#new")


DEFECT = Defect(
    id="created-elsewhere",
    family="rest-semantics",
    title="The answer to a creation names an address where nothing is.",
    breaks=("http.created-located",),
    apply=wrong_heads(_one_too_far),
    twin=harmless_heads(_with_a_fragment),
)
