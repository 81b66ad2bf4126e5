"""Builders of runs, requirements and findings for the scorer's tests."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from harness.core.area import Area, Level
from harness.core.finding import Finding
from harness.core.layer import ENGINE_LAYERS, Layer
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject
from harness.core.requirement import EvidenceKind, Profile, Requirement, Weight
from harness.core.run import LayerRecord, RunRecord

HEALTHY = {
    layer.value: LayerRecord(completion="completed", told_apart=True, exchanges=20) for layer in ENGINE_LAYERS
}


class Build:
    """Short words for what the tests need; every default is a healthy, complete run."""

    @staticmethod
    def requirement(
        name: str = "auth.safe",
        weight: Weight = Weight.MEDIUM,
        *,
        must: bool = True,
        evidence: EvidenceKind = EvidenceKind.BEHAVIOUR,
        level: Level = Level.DEVELOPING,
        area: Area = Area.SECURITY,
        profile: Profile = Profile.PORTABLE,
    ) -> Requirement:
        return Requirement(
            id=name,
            area=area,
            profile=profile,
            level=level,
            weight=weight,
            must=must,
            evidence=evidence,
            statement="A good target does what it says.",
            source=("RFC 9110",),
            remedy="Do what it says on the tin.",
            effort="low",
        )

    @staticmethod
    def finding(
        requirement: str = "auth.safe",
        subject: str = "target",
        outcome: Outcome = Outcome.PASS,
        *,
        layer: Layer = Layer.SCENARIOS,
        **fields: Any,
    ) -> Finding:
        plain: dict[str, Any] = {
            "reason": f"seen-{outcome.value}",
            "producer": f"{layer.value}:test",
            **fields,
        }
        return Finding(requirement=requirement, subject=subject, outcome=outcome, layer=layer, **plain)

    @staticmethod
    def run(cells: Iterable[PlannedSubject | tuple[str, str]] = (), **fields: Any) -> RunRecord:
        planned = tuple(
            item if isinstance(item, PlannedSubject) else PlannedSubject(requirement=item[0], subject=item[1])
            for item in cells
        )
        plain: dict[str, Any] = {
            "id": "20260101-000000-shop",
            "target": "shop",
            "profile": "portable",
            "base_url": "http://127.0.0.1:8000",
            "started": "2026-01-01T00:00:00+00:00",
            "finished": "2026-01-01T00:01:00+00:00",
            "depth": "quick",
            "seed": 1,
            "is_partial": False,
            "rubric_version": "1",
            "rubric_hash": "0" * 64,
            "layers": HEALTHY,
            "subjects": planned,
            **fields,
        }
        return RunRecord(**plain)

    @classmethod
    def judged(
        cls, table: Mapping[Requirement, Mapping[str, Outcome | None]], **fields: Any
    ) -> tuple[RunRecord, tuple[Requirement, ...], tuple[Finding, ...]]:
        """Return run, requirements and findings of a table; None is planned and never judged."""
        cells = [
            PlannedSubject(
                requirement=requirement.id,
                subject=subject,
                not_applicable="the probe found none" if outcome is Outcome.NOT_APPLICABLE else "",
            )
            for requirement, subjects in table.items()
            for subject, outcome in subjects.items()
        ]
        findings = [
            cls.finding(requirement.id, subject, outcome)
            for requirement, subjects in table.items()
            for subject, outcome in subjects.items()
            if outcome is not None and outcome is not Outcome.NOT_APPLICABLE
        ]
        return cls.run(cells, **fields), tuple(table), tuple(findings)


@pytest.fixture(scope="session")
def build() -> type[Build]:
    return Build
