"""Builds the assignment of one layer against a tiny target that is already running."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Depth, Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.core.plan import Plan, PlannedSubject
from harness.core.target import Process, Target
from harness.plan.engine import Assignment
from harness.target.instance import Instance, Session
from harness.target.openapi import read_openapi

#: A target with a process counts as launched: the harness may do with it what it likes.
LAUNCHED = (Process(name="server", command=("true",)),)


@dataclass(slots=True)
class Emitted:
    """What a layer said, and the assignment it said it about."""

    findings: list[Finding] = field(default_factory=list)
    attachments: list[bytes] = field(default_factory=list)

    def of(self, requirement: str) -> Mapping[str, Finding]:
        """Return the findings of one requirement by subject."""
        return {item.subject: item for item in self.findings if item.requirement == requirement}

    def failed(self) -> set[tuple[str, str]]:
        """Return the cells that failed."""
        return {(item.requirement, item.subject) for item in self.findings if item.outcome is Outcome.FAIL}

    def attach(self, content: bytes, _media_type: str) -> str:
        """Keep an attachment and return its name."""
        self.attachments.append(content)
        return f"attachment-{len(self.attachments)}"


def instance_of(
    target: Target,
    url: str,
    document: Mapping[str, Any] | None = None,
    *,
    sessions: Iterable[Session] = (),
    has_control: bool = False,
    stubs: Mapping[str, str] | None = None,
) -> Instance:
    """Return the running target as a layer sees it."""
    operations = Operations(())
    if document is not None:
        operations = read_openapi(json.dumps(document).encode()).operations
    return Instance(
        target=target,
        base_url=url,
        direct_url=url,
        operations=operations,
        openapi_document=document,
        openapi_path=None,
        sessions={session.name: session for session in sessions},
        stubs=stubs or {},
        has_control=has_control,
    )


def assign(
    layer: Layer,
    instance: Instance,
    emitted: Emitted,
    folder: Path,
    *,
    planned: Iterable[tuple[str, str]],
    depth: Depth = Depth.QUICK,
    seconds: float = 30.0,
) -> Assignment:
    """Return an assignment whose findings go to `emitted`; only planned cells are ever emitted."""
    subjects = tuple(PlannedSubject(requirement=name, subject=subject) for name, subject in planned)
    scratch = folder / "scratch"
    scratch.mkdir()
    return Assignment(
        layer=layer,
        instance=instance,
        plan=Plan(
            depth=depth,
            seed=7,
            layers=(layer,),
            is_partial=False,
            subjects=subjects,
            capabilities={},
            producers={},
        ),
        depth=depth,
        seed=7,
        seconds=seconds,
        scratch=scratch,
        logs=folder / "logs",
        emit=emitted.findings.append,
        attach=emitted.attach,
        progress=lambda _line: None,
        exchanges=folder / "exchanges.ndjson",
    )
