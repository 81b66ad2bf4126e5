"""A running instance as a scenario process sees it, and its JSON form between two processes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.core.layer import Depth
from harness.core.operation import Operation, operation_from_json, operation_to_json
from harness.core.plan import CapabilityState, Plan
from harness.core.requirement import Profile
from harness.target.instance import Instance
from harness.target.surface import ends_credential


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A signed-in identity; `headers` authenticate a request and are secret."""

    name: str
    role: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    username: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioContext:
    """Everything a scenario may know of the target.

    `planned` maps a requirement to the subjects that wait for a judgement; None means that nobody planned
    (a run by hand), so everything is judged. `path_prefix` stands before every declared path.
    `reserved` maps a role to the operations that the target's owner says are for nobody else.
    """

    target: str
    base_url: str
    direct_url: str
    profile: Profile = Profile.PORTABLE
    depth: Depth = Depth.FULL
    is_launched: bool = False
    may_write: bool = False
    may_fault: bool = False
    has_control: bool = False
    control_address: str = ""
    control_token: str = ""
    graphql: str = ""
    graphql_schema: str = ""
    mcp: tuple[str, ...] = ()
    openapi: str = ""
    openapi_file: str = ""
    path_prefix: str = ""
    destructive: tuple[str, ...] = ()
    baseline: str = ""
    graphql_baseline: str = ""
    never: tuple[str, ...] = ()
    reserved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sessions: Mapping[str, Credentials] = field(default_factory=dict)
    stubs: Mapping[str, str] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()
    capabilities: Mapping[str, CapabilityState] = field(default_factory=dict)
    planned: Mapping[str, tuple[str, ...]] | None = None

    def withholds(self, operation: Operation) -> bool:
        """Whether it is never called with a real credential: its owner said so, or it may end it."""
        is_named = not {operation.subject, operation.path}.isdisjoint(self.never)
        return is_named or ends_credential(operation)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be written down."""
        values = (value for session in self.sessions.values() for value in session.headers.values())
        return (*(value.removeprefix("Bearer ") for value in values), self.control_token)


def context_of(instance: Instance, *, depth: Depth = Depth.FULL, plan: Plan | None = None) -> ScenarioContext:
    """Describe an instance; with a plan only what it left open is judged."""
    target = instance.target
    return ScenarioContext(
        target=target.name,
        base_url=instance.base_url,
        direct_url=instance.direct_url,
        profile=target.profile,
        depth=depth,
        is_launched=target.is_launched,
        may_write=target.consent.writes,
        may_fault=target.consent.faults,
        has_control=instance.has_control,
        control_address=instance.control_address,
        control_token=instance.control_token,
        graphql=target.graphql,
        graphql_schema=target.graphql_schema,
        mcp=target.mcp,
        openapi=target.openapi,
        destructive=target.consent.destructive,
        never=target.never,
        reserved={each.role: each.reserved for each in target.identities if each.role and each.reserved},
        path_prefix=instance.operations.prefix,
        baseline=target.baseline,
        graphql_baseline=target.graphql_baseline,
        openapi_file="" if instance.openapi_path is None else str(instance.openapi_path),
        sessions={
            name: Credentials(
                name=name,
                role=session.role,
                headers=dict(session.headers),
                username=session.username,
                subject=session.subject,
            )
            for name, session in instance.sessions.items()
        },
        stubs=dict(instance.stubs),
        operations=tuple(instance.operations),
        capabilities={} if plan is None else {name: each.state for name, each in plan.capabilities.items()},
        planned=None if plan is None else open_subjects(plan),
    )


def open_subjects(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Return the subjects that a plan neither skips nor excludes, by requirement."""
    subjects: dict[str, tuple[str, ...]] = {}
    for each in plan.subjects:
        if each.skip is None and not each.not_applicable:
            subjects[each.requirement] = (*subjects.get(each.requirement, ()), each.subject)
    return subjects


def write_context(context: ScenarioContext, path: Path) -> None:
    """Write the JSON form where only its owner can read it: it holds credentials."""
    record = asdict(context)
    record["operations"] = [operation_to_json(each) for each in context.operations]
    path.touch(mode=0o600)
    path.write_text(json.dumps(record), encoding="utf-8")


def read_context(path: Path) -> ScenarioContext:
    """Read the JSON form back; raises KeyError, TypeError or ValueError on a file of another shape."""
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    planned = record["planned"]
    return ScenarioContext(
        **{
            **record,
            "profile": Profile(record["profile"]),
            "depth": Depth(record["depth"]),
            "mcp": tuple(record["mcp"]),
            "never": tuple(record["never"]),
            "destructive": tuple(record["destructive"]),
            "reserved": {role: tuple(subjects) for role, subjects in record["reserved"].items()},
            "sessions": {name: Credentials(**each) for name, each in record["sessions"].items()},
            "operations": tuple(operation_from_json(each) for each in record["operations"]),
            "capabilities": {name: CapabilityState(each) for name, each in record["capabilities"].items()},
            "planned": None
            if planned is None
            else {name: tuple(subjects) for name, subjects in planned.items()},
        }
    )
