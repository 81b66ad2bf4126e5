"""A message that was refused is on the list all the same."""

import json
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed
from reference_impl.kit.access import SCOPE_PRINCIPAL
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_PATH = "/api/hub/messages"
_REFUSED = range(400, 500)


def _is_messages(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == _PATH and scope["method"] in {"GET", "POST"}


def _caller(scope: Scope) -> str:
    principal = scope.get(SCOPE_PRINCIPAL)
    return "" if principal is None else str(principal.subject)


def _with_drafts(items: list[Any], drafts: int) -> list[Any]:
    made = [{**items[0], "id": f"{items[0]['id'][:-2]}{number:02}"} for number in range(drafts)]
    return [*made, *items]


def _apply(policies: PolicyTable, probe: Probe) -> None:
    drafts: dict[str, int] = {}

    def changed(scope: Scope, answer: Answer) -> Answer:
        caller = _caller(scope)
        if scope["method"] == "POST":
            if caller and answer.status in _REFUSED:
                probe.reached()
                drafts[caller] = drafts.get(caller, 0) + 1
            return answer
        members = answer.members()
        if not drafts.get(caller) or not members.get("items"):
            return answer
        probe.triggered()
        return answer.saying({**members, "items": _with_drafts(members["items"], drafts[caller])})

    policies.replace(POLICY, answers_changed(policies[POLICY], _is_messages, changed))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The list is parsed and written anew on its way."""

    def written_anew(scope: Scope, answer: Answer) -> Answer:
        if scope["method"] == "POST" or answer.status >= 300:
            return answer
        probe.reached()
        return answer.saying(json.loads(answer.body))

    policies.replace(POLICY, answers_changed(policies[POLICY], _is_messages, written_anew))


DEFECT = Defect(
    id="refusal-leaves-a-draft",
    family="rest-semantics",
    title="A message that was refused is on the list all the same.",
    breaks=("api.refusals-without-effect",),
    apply=_apply,
    twin=_twin,
)
