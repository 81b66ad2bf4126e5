"""Text beyond ASCII makes accepting a message fail with a 500."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SENDS = at("POST", "/api/hub/messages")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def only_ascii(_scope: Scope, body: bytes) -> bytes:
        text = str(members_of(body).get("text", ""))
        probe.reached()
        if not text.isascii():
            probe.triggered()
            text.encode("ascii")
        return body

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, only_ascii))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Such text is taken note of, and sent on as it is."""

    def counted(_scope: Scope, body: bytes) -> bytes:
        if not str(members_of(body).get("text", "")).isascii():
            probe.reached()
        return body

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, counted))


DEFECT = Defect(
    id="odd-text-crashes",
    family="rest-semantics",
    title="Text beyond ASCII makes accepting a message fail with a 500.",
    breaks=("errors.no-server-errors",),
    apply=_apply,
    twin=_twin,
)
