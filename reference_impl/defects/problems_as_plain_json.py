"""Error answers say that they are plain JSON and not problems."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_PROBLEM = b"application/problem+json"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def plain(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        probe.reached()
        if (b"content-type", _PROBLEM) not in headers or status == 404:
            return status, headers
        probe.triggered()
        return status, [
            (name, b"application/json" if value == _PROBLEM else value) for name, value in headers
        ]

    policies.replace("gateway.answer_head", plain)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A parameter does not change what the type says."""
    right: AnswerHead = policies["gateway.answer_head"]

    def with_charset(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        probe.reached()
        return status, [
            (name, value + b"; charset=utf-8" if value == _PROBLEM else value) for name, value in headers
        ]

    policies.replace("gateway.answer_head", with_charset)


DEFECT = Defect(
    id="problems-as-plain-json",
    family="rest-semantics",
    title="Error answers say that they are plain JSON and not problems.",
    breaks=("errors.problem-details-everywhere",),
    apply=_apply,
    twin=_twin,
)
