"""The end of the old version is not written as a date that HTTP knows."""

from email.utils import parsedate_to_datetime

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_SUNSET = b"sunset"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def iso(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        given = dict(exchange.headers).get(_SUNSET)
        if given is None:
            return status, headers
        probe.reached()
        probe.triggered()
        written = parsedate_to_datetime(given.decode()).isoformat().encode()
        exchange.headers = [(name, written if name == _SUNSET else value) for name, value in exchange.headers]
        return status, headers

    policies.replace("gateway.answer_head", iso)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The end was put off."""
    right: AnswerHead = policies["gateway.answer_head"]

    def later(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if _SUNSET in dict(exchange.headers):
            probe.reached()
            later = b"Fri, 31 Dec 2027 23:59:59 GMT"
            exchange.headers = [
                (name, later if name == _SUNSET else value) for name, value in exchange.headers
            ]
        return status, headers

    policies.replace("gateway.answer_head", later)


DEFECT = Defect(
    id="sunset-in-another-syntax",
    family="contract-evolution",
    title="The end of the old version is not written as a date that HTTP knows.",
    breaks=("api.deprecation-announced",),
    apply=_apply,
    twin=_twin,
)
