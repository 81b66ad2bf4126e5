"""run.json: what was run, against what and with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.core.gates import Gates, gates_from_json, gates_to_json
from harness.core.operation import Operation, operation_from_json, operation_to_json
from harness.core.plan import Capability, CapabilityState, PlannedSubject, SkipReason

RUN_SCHEMA = "run/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRecord:
    """How one layer went: completion, canary, exchanges, and the counters of switched-on defects."""

    completion: str
    detail: str = ""
    canary: str = ""
    told_apart: bool = False
    exchanges: int = 0
    seconds: float = 0.0
    switches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    looked_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The parsed run.json; `finished` is empty while the run goes on or when it was cut short.

    `base_url` is where the target is, or was, when the harness launched it itself (`is_launched`).
    """

    id: str
    target: str
    profile: str
    base_url: str
    started: str
    finished: str = ""
    interrupted: str = ""
    depth: str
    seed: int
    is_partial: bool
    rubric_version: str
    rubric_hash: str
    fingerprint: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    consent: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    subjects: tuple[PlannedSubject, ...] = ()
    producers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()
    path_prefix: str = ""
    openapi_attachment: str = ""
    openapi_path: str = ""
    is_launched: bool = False
    executor: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, LayerRecord] = field(default_factory=dict)
    gates: Gates = field(default_factory=Gates)
    detection: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether every layer that was planned came to its end."""
        return bool(self.finished) and not self.interrupted


def run_to_json(run: RunRecord) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/run.schema.json)."""
    plain = {
        name: getattr(run, name)
        for name in (
            "id", "target", "profile", "base_url", "started", "finished", "interrupted", "depth", "seed",
            "is_partial", "is_launched", "rubric_version", "rubric_hash", "fingerprint", "openapi_attachment",
            "openapi_path", "path_prefix",
        )
    }  # fmt: skip
    return {
        "schema": RUN_SCHEMA,
        **plain,
        "versions": dict(run.versions),
        "executor": dict(run.executor),
        "consent": dict(run.consent),
        "claims": {area: dict(claim) for area, claim in run.claims.items()},
        "capabilities": {
            item.id: {
                "state": item.state.value,
                "detail": item.detail,
                "exchanges": list(item.exchanges),
                "items": list(item.items),
            }
            for item in run.capabilities.values()
        },
        "subjects": [_subject_to_json(item) for item in run.subjects],
        "producers": {requirement: list(names) for requirement, names in sorted(run.producers.items())},
        "operations": [operation_to_json(item) for item in run.operations],
        "layers": {
            name: {field_: getattr(item, field_) for field_ in LayerRecord.__dataclass_fields__}
            for name, item in run.layers.items()
        },
        "gates": gates_to_json(run.gates),
        "detection": dict(run.detection),
    }


def _subject_to_json(item: PlannedSubject) -> dict[str, str]:
    record = {"requirement": item.requirement, "subject": item.subject}
    if item.skip is not None:
        record["skip"] = item.skip.value
    if item.not_applicable:
        record["not_applicable"] = item.not_applicable
    return record


def run_from_json(record: Mapping[str, Any]) -> RunRecord:
    """Read the JSON form back; raises KeyError or ValueError on a record of another shape."""
    structured: dict[str, Any] = {
        "capabilities": {
            name: Capability(
                id=name,
                state=CapabilityState(item["state"]),
                detail=item["detail"],
                exchanges=tuple(item.get("exchanges", ())),
                items=tuple(item.get("items", ())),
            )
            for name, item in record.get("capabilities", {}).items()
        },
        "subjects": tuple(
            PlannedSubject(
                requirement=item["requirement"],
                subject=item["subject"],
                skip=SkipReason(item["skip"]) if "skip" in item else None,
                not_applicable=item.get("not_applicable", ""),
            )
            for item in record.get("subjects", ())
        ),
        "producers": {name: tuple(items) for name, items in record.get("producers", {}).items()},
        "operations": tuple(operation_from_json(item) for item in record.get("operations", ())),
        "layers": {name: LayerRecord(**item) for name, item in record.get("layers", {}).items()},
        "gates": gates_from_json(record.get("gates", {})),
    }
    plain: dict[str, Any] = {
        name: record[name]
        for name in RunRecord.__dataclass_fields__
        if name in record and name not in structured
    }
    return RunRecord(**plain, **structured)
