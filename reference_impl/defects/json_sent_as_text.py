"""Answers of the breaker API say that they are plain text."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList
from reference_impl.kit.policies import PolicyTable, Probe

_PREFIX = "/api/circuit-breakers"
_TYPE = b"content-type"


class _SaysText:
    """Names the wrong media type; the bytes are right."""

    def __init__(self, right: AnswerHead, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = self._right(exchange, status, headers)
        if not exchange.path.startswith(_PREFIX) or status >= 400:
            return status, headers
        self._probe.reached()
        if not any(name == _TYPE and value.startswith(b"application/json") for name, value in headers):
            return status, headers
        self._probe.triggered()
        return status, [(name, b"text/plain" if name == _TYPE else value) for name, value in headers]


class _AddsCharset:
    """A parameter that changes nothing: `application/json; charset=utf-8` is still JSON."""

    def __init__(self, right: AnswerHead) -> None:
        self._right = right

    def __call__(self, exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = self._right(exchange, status, headers)
        return status, [
            (name, value + b"; charset=utf-8" if name == _TYPE and value == b"application/json" else value)
            for name, value in headers
        ]


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "gateway.answer_head"
    policies.replace(name, _SaysText(policies[name], probe))


def _twin(policies: PolicyTable, _probe: Probe) -> None:
    name = "gateway.answer_head"
    policies.replace(name, _AddsCharset(policies[name]))


DEFECT = Defect(
    id="json-sent-as-text",
    family="rest-semantics",
    title="Answers of the breaker API say that they are plain text.",
    breaks=("api.content-types-documented",),
    apply=_apply,
    twin=_twin,
)
