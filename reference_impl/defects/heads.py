"""What defects of header fields share: changing the head of an answer on its way out, and counting it."""

from collections.abc import Callable

from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import Apply, PolicyTable, Probe

_POLICY = "gateway.answer_head"
ChangeHead = Callable[[Exchange, int, HeaderList], HeaderList | None]
"""Makes other header fields; None leaves them as they are."""


def wrong_heads(change: ChangeHead) -> Apply:
    """A defect: every head that is changed leaves the process wrong."""
    return _heads(change, is_wrong=True)


def harmless_heads(change: ChangeHead) -> Apply:
    """A twin: the heads are others, and as right as before."""
    return _heads(change, is_wrong=False)


def _heads(change: ChangeHead, *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: AnswerHead = policies[_POLICY]

        def changed(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
            status, headers = right(exchange, status, headers)
            others = change(exchange, status, headers)
            if others is None:
                return status, headers
            probe.reached()
            if is_wrong:
                probe.triggered()
            return status, others

        policies.replace(_POLICY, changed)

    return apply


def without(headers: HeaderList, name: bytes) -> HeaderList:
    """The fields but for those of one name."""
    return [field for field in headers if field[0] != name]


def saying(headers: HeaderList, name: bytes, value: bytes) -> HeaderList:
    """The fields with one field of this name, which has this value."""
    return [*without(headers, name), (name, value)]
