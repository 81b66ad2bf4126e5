"""A table is taken as the text of a message, which nobody documented."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, field_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SENDS = at("POST", "/api/hub/messages")
_TYPE = b"content-type"
_CSV = "text/csv"
_MESSAGE = {
    "channel": "webhook",
    "to": "https://receiver.example.com/hooks",
    "send_at": "2099-01-01T00:00:00Z",
}


def _is_table(scope: Scope) -> bool:
    return _SENDS(scope) and field_of(scope, _TYPE).startswith(_CSV)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def as_message(scope: Scope, body: bytes) -> bytes:
        probe.reached()
        probe.triggered()
        fields = [field for field in scope["headers"] if field[0] != _TYPE]
        scope["headers"] = [*fields, (_TYPE, b"application/json")]
        return json.dumps({**_MESSAGE, "text": body.decode("utf-8", "replace")}).encode()

    policies.replace(POLICY, bodies_changed(policies[POLICY], _is_table, as_message))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A table is read, and passed on as what it is."""

    def read(_scope: Scope, body: bytes) -> bytes:
        probe.reached()
        return body

    policies.replace(POLICY, bodies_changed(policies[POLICY], _is_table, read))


DEFECT = Defect(
    id="table-taken-for-a-message",
    family="rest-semantics",
    title="A table is taken as the text of a message, which nobody documented.",
    breaks=("errors.media-type-refused",),
    apply=_apply,
    twin=_twin,
)
