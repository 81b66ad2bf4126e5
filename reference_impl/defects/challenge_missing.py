"""A 401 does not say how to authenticate."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_CHALLENGE = b"www-authenticate"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def without_challenge(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 401:
            return status, headers
        probe.reached()
        kept = [field for field in headers if field[0] != _CHALLENGE]
        if len(kept) < len(headers):
            probe.triggered()
        return status, kept

    policies.replace("gateway.answer_head", without_challenge)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The realm has another name."""
    right: AnswerHead = policies["gateway.answer_head"]

    def renamed(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 401:
            return status, headers
        probe.reached()
        return status, [
            (name, value.replace(b'realm="core"', b'realm="core services"') if name == _CHALLENGE else value)
            for name, value in headers
        ]

    policies.replace("gateway.answer_head", renamed)


DEFECT = Defect(
    id="challenge-missing",
    family="jwt",
    title="A 401 does not say how to authenticate.",
    breaks=("auth.challenge-says-why", "security.challenge-given"),
    apply=_apply,
    twin=_twin,
)
