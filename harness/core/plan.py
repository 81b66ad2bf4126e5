"""The plan as a value: planned subjects, steps per layer, and typed reasons for what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.core.layer import Depth, Layer


class SkipReason(StrEnum):
    """Why a planned subject cannot be judged in this run; the code becomes the finding's reason."""

    NO_CONSENT_WRITES = "no-consent-writes"
    NO_CONSENT_FAULTS = "no-consent-faults"
    NO_CONSENT_LOAD = "no-consent-load"
    NO_IDENTITY = "no-identity"
    NO_CONTROL = "no-control"
    NO_ENGINE = "no-container-engine"
    LAYER_NOT_SELECTED = "layer-not-selected"
    REQUIREMENT_NOT_SELECTED = "requirement-not-selected"
    NO_PRODUCER = "no-producer"
    EXEMPT = "exempt"


class CapabilityState(StrEnum):
    """What a probe found. Only `absent` makes a requirement not applicable."""

    PRESENT = "present"
    ABSENT = "absent"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One probed capability and the evidence for it; `items` names what was found (fields, tools)."""

    id: str
    state: CapabilityState
    detail: str
    exchanges: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSubject:
    """One cell that will count: a requirement on a subject; `skip` says why it cannot be judged."""

    requirement: str
    subject: str
    skip: SkipReason | None = None
    not_applicable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a run intends, in canonical order; it is written to run.json before anything is sent.

    `idle` says of layers that were asked for and allowed why they have nothing to do on this target.
    """

    depth: Depth
    seed: int
    layers: tuple[Layer, ...]
    is_partial: bool
    subjects: tuple[PlannedSubject, ...]
    capabilities: Mapping[str, Capability]
    producers: Mapping[str, tuple[str, ...]]
    idle: Mapping[Layer, str] = field(default_factory=dict)
