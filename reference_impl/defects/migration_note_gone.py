"""The note that deprecated answers link to was moved without a word."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.gateway.versions import MIGRATION_NOTE
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def moved(_scope: Scope, answer: Answer) -> Answer:
        probe.reached()
        probe.triggered()
        return replace(answer, status=404, headers=[(b"content-type", b"text/plain")], body=b"Not here.")

    policies.replace(POLICY, answers_changed(policies[POLICY], at("GET", MIGRATION_NOTE), moved))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The note says more than before."""

    def longer(_scope: Scope, answer: Answer) -> Answer:
        probe.reached()
        return replace(answer, body=answer.body + b"Ask for help if any of this is not clear.\n")

    policies.replace(POLICY, answers_changed(policies[POLICY], at("GET", MIGRATION_NOTE), longer))


DEFECT = Defect(
    id="migration-note-gone",
    family="contract-evolution",
    title="The note that deprecated answers link to is not there.",
    breaks=("docs.deprecation-note-resolves",),
    apply=_apply,
    twin=_twin,
)
