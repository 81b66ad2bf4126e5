"""What the router itself refuses is answered in plain text."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def as_text(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 405:
            return status, headers
        probe.reached()
        probe.triggered()
        return status, [
            (name, b"text/plain" if name == b"content-type" else value) for name, value in headers
        ]

    policies.replace("gateway.answer_head", as_text)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """It says in which language the problem is written."""
    right: AnswerHead = policies["gateway.answer_head"]

    def in_english(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 405:
            return status, headers
        probe.reached()
        return status, [*headers, (b"content-language", b"en")]

    policies.replace("gateway.answer_head", in_english)


DEFECT = Defect(
    id="method-refused-in-plain-text",
    family="rest-semantics",
    title="What the router itself refuses is answered in plain text.",
    breaks=("errors.problem-details-everywhere",),
    apply=_apply,
    twin=_twin,
)
