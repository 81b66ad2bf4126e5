"""A scored run to render: a part of the catalogue on a made-up shop, every outcome in it, always the same."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from harness.catalogue.rubric import load_rubric
from harness.core.exchange import Exchange, Request, Response
from harness.core.finding import Finding, Measurement
from harness.core.history import Entry
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.core.plan import Capability, CapabilityState, PlannedSubject, SkipReason
from harness.core.requirement import Requirement, SubjectKind
from harness.core.run import LayerRecord, RunRecord
from harness.scoring.assemble import assemble
from harness.scoring.movement import entry_of

#: What of the catalogue is drawn: a fixed choice, so that a new requirement does not change the picture.
CHOSEN = frozenset(Path(__file__).with_name("sample_requirements.txt").read_text("utf-8").split())
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
PATHS = (
    ("GET", "/api/hub/messages"), ("POST", "/api/hub/messages"), ("GET", "/api/hub/messages/{id}"),
    ("POST", "/api/hub/dead-letters/{id}/redrive"), ("GET", "/api/circuit-breakers/status"),
    ("GET", "/api/circuit-breakers/breakers/{id}"), ("POST", "/auth/login"), ("POST", "/auth/refresh"),
    ("GET", "/auth/me"), ("GET", "/api/search/web"), ("PUT", "/api/storage/objects/{key}"),
)  # fmt: skip
OPERATIONS = tuple(Operation(method=method, path=path, responses={"200": ()}) for method, path in PATHS)
CLAIMS = {
    "api_design": {"score": 9.0, "level": "advanced"},
    "service_communication": {"score": 8.0, "level": "advanced"},
    "external_integrations": {"score": 8.0, "level": "mature"},
    "error_handling": {"score": 9.0, "level": "advanced"},
    "testing_strategy": {"score": 7.0, "level": "mature"},
    "documentation": {"score": 6.0, "level": "developing"},
    "monitoring": {"score": 8.0, "level": "advanced"},
    "security": {"score": 9.0, "level": "advanced"},
}
LAYERS = {
    "probe": LayerRecord(completion="completed", told_apart=True, exchanges=14, seconds=1.2),
    "contracts": LayerRecord(completion="completed", told_apart=True, exchanges=58, seconds=9.4),
    "scenarios": LayerRecord(completion="completed", told_apart=True, exchanges=1210, seconds=48.9),
    "fuzz": LayerRecord(completion="completed", told_apart=True, exchanges=4130, seconds=60.3),
    "chaos": LayerRecord(
        completion="timed-out", detail="over its limit of 240 s", told_apart=True, exchanges=301, seconds=240
    ),
    "load": LayerRecord(completion="completed", told_apart=True, exchanges=420, seconds=22.0),
}
NAMED_SUBJECTS = {
    SubjectKind.TARGET: ("target",),
    SubjectKind.GRAPHQL_FIELDS: ("Query.chapters", "Query.node", "Mutation.uploadDocument"),
    SubjectKind.MCP_TOOLS: ("brave-search/web_search", "brave-search/news_search"),
    SubjectKind.INTERACTIONS: (
        "web-client: a login",
        "web-client: a refresh",
        "mobile-client: breaker status",
    ),
}


def sample_run(
    *,
    fail: float = 0.06,
    leave_open: float = 0.08,
    seed: int = 7,
    earlier: Sequence[Entry] = (),
    **fields: Any,
) -> ScoredRun:
    """Return a run of the whole catalogue; `fail` and `leave_open` are shares of its subjects."""
    rubric = load_rubric()
    requirements = tuple(item for item in rubric.requirements if item.id in CHOSEN)
    random = Random(seed)
    cells = [
        PlannedSubject(
            requirement=requirement.id,
            subject=subject,
            skip=SkipReason.NO_CONSENT_LOAD if requirement.id.startswith("load.") else None,
        )
        for requirement in requirements
        for subject in subjects_of(requirement)
    ]
    exchanges: dict[str, Exchange] = {}
    findings = [
        finding
        for cell in cells
        for finding in judged(cell, random, exchanges, fail=fail, leave_open=leave_open)
    ]
    findings.append(replace(findings[0], subject="GET /never-planned", outcome=Outcome.FAIL, seen="a stray"))
    plain: dict[str, Any] = {
        "id": "20260204-101500-reference",
        "target": "reference",
        "profile": "core",
        "base_url": "http://127.0.0.1:43121",
        "started": "2026-02-04T10:15:00+00:00",
        "finished": "2026-02-04T10:21:42+00:00",
        "depth": "standard",
        "seed": 421337,
        "is_partial": False,
        "rubric_version": rubric.version,
        "rubric_hash": rubric.hash,
        "fingerprint": "CORE reference 0.1.0",
        "versions": {"python": "3.11.7", "schemathesis": "4.32.5", "pact-python": "4.2.0"},
        "consent": {"writes": True, "faults": True, "load_rps": 0, "destructive": []},
        "claims": CLAIMS,
        "capabilities": {
            name: Capability(id=name, state=CapabilityState.PRESENT, detail=f"{name} answered 200")
            for name in ("openapi", "graphql", "mcp", "metrics", "health")
        },
        "subjects": tuple(cells),
        "producers": {"redis.slow-bounded": ("chaos",)},
        "operations": OPERATIONS,
        "layers": LAYERS,
        "detection": {
            "requirements": {
                "auth.jwt-algorithm-pinned": {"defects": 4, "caught": 4},
                "auth.refresh-parallel-once": {"defects": 2, "caught": 1},
                "breakers.opens-at-threshold": {"defects": 3, "caught": 3},
            }
        },
        **fields,
    }
    return assemble(
        RunRecord(**plain),
        requirements,
        engine_findings=findings,
        judge_findings=(),
        exchanges=exchanges,
        earlier=earlier,
    )


def earlier_runs(number: int = 4) -> tuple[Entry, ...]:
    """Return runs of the same shop before it, each a little better than the one before."""
    found = []
    for at in range(number):
        scored = sample_run(
            fail=0.14 - 0.02 * at, leave_open=0.12, seed=20 + at, id=f"2026020{at}-090000-reference",
            started=f"2026-02-0{at}T09:00:00+00:00" if at else "2026-01-31T09:00:00+00:00",
        )  # fmt: skip
        found.append(entry_of(scored.run, scored.maturity, scored.verdict))
    return tuple(found)


def subjects_of(requirement: Requirement) -> tuple[str, ...]:
    if isinstance(requirement.subjects, tuple):
        return requirement.subjects
    operations = tuple(item.subject for item in OPERATIONS)
    return NAMED_SUBJECTS.get(requirement.subjects, operations)


def judged(
    cell: PlannedSubject, random: Random, exchanges: dict[str, Exchange], *, fail: float, leave_open: float
) -> Iterator[Finding]:
    """Return what a layer said of a cell, with the exchanges behind it."""
    luck = random.random()
    if cell.skip is not None or (leave_open and cell.requirement == "redis.slow-bounded"):
        return
    name = f"scenarios-{len(exchanges) + 1}"
    exchanges[name] = exchange_of(cell, name, is_bad=luck < fail)
    plain: dict[str, Any] = {
        "requirement": cell.requirement,
        "subject": cell.subject,
        "layer": Layer.SCENARIOS,
        "producer": "scenarios:test_shop.py",
        "exchanges": (name,),
    }
    if luck < fail:
        yield Finding(
            **plain,
            outcome=Outcome.FAIL,
            reason="status-unexpected",
            expected="the request is refused with a problem of 4xx that names the field",
            seen=f"the request was answered with 500 and a body that shows internals {HOSTILE}",
            reproduction=f"curl -i -X POST http://127.0.0.1:43121/items -d '{HOSTILE}'",
            measurements={"p95_ms": Measurement(value=412.5, low=380, high=455.25, limit=300, samples=900)},
        )
    elif luck < fail + leave_open:
        yield Finding(**plain, outcome=Outcome.INCONCLUSIVE, reason="no-success-seen", seen="answered 404")
    elif luck > 0.995:
        yield Finding(**plain, outcome=Outcome.ERROR, reason="set-up-failed", seen="KeyError: 'token'")
    else:
        yield Finding(**plain, outcome=Outcome.PASS, reason="as-required", seen="1 of 1 answers")


def exchange_of(cell: PlannedSubject, name: str, *, is_bad: bool) -> Exchange:
    body = (
        f'{{"type": "/problems/x", "title": "Internal {HOSTILE}", "status": 500, "caller": "{cell.subject}"}}'
    )
    return Exchange(
        id=name,
        layer=Layer.SCENARIOS,
        step="test_shop.py::test_it",
        identity="alice",
        started="2026-02-04T10:16:00+00:00",
        request=Request(
            method="POST",
            target="/items?q=%3Cb%3E",
            headers=(
                ("Authorization", "Bearer {{secret:bearer:0a1b2c3d}}"),
                ("Content-Type", "application/json"),
            ),
            body='{"name": "tea", "price": -1}',
            body_size=28,
        ),
        response=Response(
            status=500 if is_bad else 200,
            elapsed=0.0123,
            headers=(("Content-Type", "application/problem+json"), ("X-Request-ID", "req-1")),
            body=body,
            body_size=len(body),
        ),
    )
