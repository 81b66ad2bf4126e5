"""Enumerates the subjects of a requirement in canonical form, before anything runs."""

from collections.abc import Mapping

from harness.core.operation import Operations
from harness.core.plan import Capability
from harness.core.requirement import Requirement, SubjectKind


def subjects_of(  # noqa: PLR0911 - one return per kind
    requirement: Requirement,
    *,
    operations: Operations,
    capabilities: Mapping[str, Capability],
    enumerated: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """Return the subjects a requirement will be judged on; none when the target declares none of the kind."""
    if isinstance(requirement.subjects, tuple):
        return requirement.subjects
    match requirement.subjects:
        case SubjectKind.TARGET:
            return ("target",)
        case SubjectKind.OPERATIONS:
            return tuple(item.subject for item in operations)
        case SubjectKind.INPUT_OPERATIONS:
            return tuple(item.subject for item in operations if item.takes_input)
        case SubjectKind.SECURED_OPERATIONS:
            return tuple(item.subject for item in operations if item.is_secured)
        case SubjectKind.CREATING_OPERATIONS:
            return tuple(item.subject for item in operations if item.is_creating)
        case SubjectKind.GRAPHQL_FIELDS:
            return _found("graphql", capabilities)
        case SubjectKind.MCP_TOOLS:
            return _found("mcp", capabilities)
        case SubjectKind.INTERACTIONS | SubjectKind.BASELINE_OPERATIONS:
            return tuple(sorted(enumerated.get(requirement.id, ())))


def _found(capability: str, capabilities: Mapping[str, Capability]) -> tuple[str, ...]:
    probed = capabilities.get(capability)
    return tuple(sorted(probed.items)) if probed else ()
