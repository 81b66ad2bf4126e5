"""A path that does not exist is answered with 200, as a fall-back for single pages does."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import AnswerHead
from reference_impl.gateway.exchange import Exchange, HeaderList, within
from reference_impl.kit.policies import PolicyTable, Probe

_KNOWN = ("/api", "/auth", "/graphql", "/mcp", "/health", "/problems", "/_control", "/v1", "/v2")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AnswerHead = policies["gateway.answer_head"]

    def always_found(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status != 404 or within(exchange.path, _KNOWN):
            return status, headers
        probe.reached()
        probe.triggered()
        return 200, headers

    policies.replace("gateway.answer_head", always_found)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Search engines are told to forget the path."""
    right: AnswerHead = policies["gateway.answer_head"]

    def gone(exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
        status, headers = right(exchange, status, headers)
        if status == 404 and not within(exchange.path, _KNOWN):
            probe.reached()
            headers = [*headers, (b"x-robots-tag", b"noindex")]
        return status, headers

    policies.replace("gateway.answer_head", gone)


DEFECT = Defect(
    id="unknown-path-as-success",
    family="rest-semantics",
    title="A path that does not exist is answered with 200.",
    breaks=("errors.unknown-path-not-found",),
    apply=_apply,
    twin=_twin,
)
