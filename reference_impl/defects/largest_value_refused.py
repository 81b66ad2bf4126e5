"""The largest value that the document allows is refused."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import BadRequest, FieldError

_SENDS = at("POST", "/api/hub/messages")
_MOST = 20


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def below_the_most(_scope: Scope, body: bytes) -> bytes:
        probe.reached()
        if members_of(body).get("max_attempts") != _MOST:
            return body
        probe.triggered()
        wrong = FieldError(pointer="/max_attempts", detail="must be less than 20")
        raise BadRequest("Some members of the request are not valid; see errors.", errors=(wrong,))

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, below_the_most))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The largest value is taken note of, and accepted."""

    def counted(_scope: Scope, body: bytes) -> bytes:
        if members_of(body).get("max_attempts") == _MOST:
            probe.reached()
        return body

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, counted))


DEFECT = Defect(
    id="largest-value-refused",
    family="rest-semantics",
    title="The largest number of attempts that the document allows is refused.",
    breaks=("api.valid-requests-accepted",),
    apply=_apply,
    twin=_twin,
)
