"""Whatever was stored comes back as bytes of no known type."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList, within
from reference_impl.kit.policies import PolicyTable, Probe

_OBJECTS = ("/api/storage/objects",)
_OCTETS = b"application/octet-stream"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def untyped(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        given = dict(headers).get(b"content-type", _OCTETS)
        if exchange.method != "GET" or status != 200 or b"repr-digest" not in dict(headers):
            return status, headers
        probe.reached()
        if given == _OCTETS:
            return status, headers
        probe.triggered()
        return status, [(name, _OCTETS if name == b"content-type" else value) for name, value in headers]

    policies.replace("gateway.answer_head", untyped)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A header more for old browsers."""
    right: AnswerHead = policies["gateway.answer_head"]

    def as_download(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if exchange.method == "GET" and within(exchange.path, _OBJECTS) and status == 200:
            probe.reached()
            headers = [*headers, (b"x-download-options", b"noopen")]
        return status, headers

    policies.replace("gateway.answer_head", as_download)


DEFECT = Defect(
    id="media-type-forgotten",
    family="rest-semantics",
    title="An object comes back as bytes of no known type.",
    breaks=("storage.round-trip-exact",),
    apply=_apply,
    twin=_twin,
)
