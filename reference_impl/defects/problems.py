"""What defects of problem documents share: changing the members of what is sent."""

from collections.abc import Callable
from typing import Any

from reference_impl.gateway.problems import DocumentPolicy
from reference_impl.kit.policies import Apply, PolicyTable, Probe
from reference_impl.kit.problem import Problem

_POLICY = "gateway.problem_document"
Members = dict[str, Any]
ChangeMembers = Callable[[Members], Members | None]
"""Makes other members; None leaves them as they are."""


def wrong_problems(change: ChangeMembers) -> Apply:
    """A defect: every document that is changed leaves the process wrong."""
    return _documents(change, is_wrong=True)


def harmless_problems(change: ChangeMembers) -> Apply:
    """A twin: the documents are others, and as right as before."""
    return _documents(change, is_wrong=False)


def _documents(change: ChangeMembers, *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: DocumentPolicy = policies[_POLICY]

        def changed(
            problem: Problem, cause: BaseException | None, document: dict[str, object]
        ) -> dict[str, object]:
            made = right(problem, cause, document)
            other = change(made)
            if other is None:
                return made
            probe.reached()
            if is_wrong:
                probe.triggered()
            return other

        policies.replace(_POLICY, changed)

    return apply
