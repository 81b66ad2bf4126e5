"""A requirement: a statement that is true of a good target."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from harness.core.area import Area, Level


class Profile(StrEnum):
    """Which targets a requirement binds: any HTTP target, or those that claim the CORE contracts."""

    PORTABLE = "portable"
    CORE = "core"


class Weight(StrEnum):
    """Weight by risk, never by ease of testing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def points(self) -> Fraction:
        """10, 7.5, 5 or 2.5."""
        return _POINTS[self]


_POINTS = {
    Weight.CRITICAL: Fraction(10),
    Weight.HIGH: Fraction(15, 2),
    Weight.MEDIUM: Fraction(5),
    Weight.LOW: Fraction(5, 2),
}


class EvidenceKind(StrEnum):
    """Whether the target was seen to behave, or a text of it was read."""

    BEHAVIOUR = "behaviour"
    DOCUMENT = "document"


class SubjectKind(StrEnum):
    """What the plan enumerates as a requirement's subjects when they are not listed by name."""

    TARGET = "target"
    OPERATIONS = "operations"
    INPUT_OPERATIONS = "input-operations"
    SECURED_OPERATIONS = "secured-operations"
    CREATING_OPERATIONS = "creating-operations"
    GRAPHQL_FIELDS = "graphql-fields"
    MCP_TOOLS = "mcp-tools"
    INTERACTIONS = "interactions"
    BASELINE_OPERATIONS = "baseline-operations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One row of the catalogue (contracts/requirements/<area>.yaml)."""

    id: str
    area: Area
    profile: Profile
    level: Level
    weight: Weight
    must: bool
    evidence: EvidenceKind
    statement: str
    source: tuple[str, ...]
    remedy: str
    effort: str
    needs: tuple[str, ...] = ()
    subjects: SubjectKind | tuple[str, ...] = SubjectKind.TARGET
