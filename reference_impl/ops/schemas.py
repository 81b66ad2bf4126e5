"""Wire types of health and control."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from reference_impl.kit.model import Timestamp, Wire
from reference_impl.ops.control import CONTRACT
from reference_impl.ops.models import ClockState, Condition, DefectState, Readiness, Report


class LiveOut(Wire):
    """The process answers."""

    status: str = Field(pattern="^live$", examples=["live"])


class DependencyOut(Wire):
    status: Condition
    required: bool = Field(description="Whether nothing can be served without it.")
    milliseconds: float = Field(ge=0)
    reason: str | None = Field(default=None, description="Why it is down.")


class ReadyOut(Wire):
    """Whether this process can serve, and what it lacks."""

    status: Readiness
    dependencies: dict[str, DependencyOut]

    @classmethod
    def of(cls, report: Report) -> "ReadyOut":
        return cls(
            status=report.readiness,
            dependencies={
                each.name: DependencyOut(
                    status=each.condition,
                    required=each.required,
                    milliseconds=each.milliseconds,
                    reason=each.reason,
                )
                for each in report.dependencies
            },
        )


class Action(StrEnum):
    SETUP = "setup"
    TEARDOWN = "teardown"


class StateChange(BaseModel):
    """What a Pact verifier sends; it may send more than we know."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    state: str
    action: Action
    params: dict[str, Any] = Field(default_factory=dict)
    consumer: str | None = None


class ClockIn(Wire):
    advance_seconds: float = Field(ge=0, allow_inf_nan=False)


class ClockOut(Wire):
    now: Timestamp
    offset_seconds: float

    @classmethod
    def of(cls, state: ClockState) -> "ClockOut":
        return cls(now=state.now, offset_seconds=state.offset_seconds)


class DefectOut(Wire):
    id: str
    applied: bool
    reached: int
    triggered: int

    @classmethod
    def of(cls, state: DefectState) -> "DefectOut":
        return cls(id=state.id, applied=state.applied, reached=state.reached, triggered=state.triggered)


class DefectsOut(Wire):
    defects: list[DefectOut]


class ControlOut(Wire):
    contract: str = CONTRACT
    states: list[str]
    clock: ClockOut
    defects: list[DefectOut]
