"""A field of the published GraphQL schema is not served any more."""

import re

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_ASKS = at("POST", "/graphql")
_FIELD = re.compile(rb"\bposition\b")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def unknown(_scope: Scope, body: bytes) -> bytes:
        probe.reached()
        if not _FIELD.search(body):
            return body
        probe.triggered()
        return _FIELD.sub(b"positionNoMore", body)

    policies.replace(POLICY, bodies_changed(policies[POLICY], _ASKS, unknown))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Blanks behind the document mean nothing."""

    def with_blanks(_scope: Scope, body: bytes) -> bytes:
        probe.reached()
        return body + b"  "

    policies.replace(POLICY, bodies_changed(policies[POLICY], _ASKS, with_blanks))


DEFECT = Defect(
    id="graphql-field-gone",
    family="contract-evolution",
    title="A field of the published GraphQL schema is not served any more.",
    breaks=("docs.graphql-schema-published",),
    apply=_apply,
    twin=_twin,
)
