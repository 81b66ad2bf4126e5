"""What is found out of a target before the first layer, by asking it or from an earlier run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.core.plan import Capability, CapabilityState
from harness.core.run import RunRecord
from harness.evidence.store import RunFolder
from harness.plan.engine import Completion
from harness.runner.producers import idle_layers
from harness.runner.second_look import look_again
from harness.target.instance import Instance
from harness.target.launcher import Launcher
from harness.target.probes import probe_all, probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """A target's answers to the probes, its document, the operations that it declares, and who is idle."""

    base_url: str
    capabilities: Mapping[str, Capability]
    operations: Operations
    document: Mapping[str, Any] | None
    document_path: str
    fingerprint: str
    idle: Mapping[Layer, str]


def discover(launcher: Launcher, folder: RunFolder) -> Discovery:
    """Start the target once and ask what it can; each answer names its exchanges."""
    with launcher.launch(Layer.PROBE) as instance:
        capabilities = probe_all(instance)
        look_again(instance, Layer.PROBE, folder)
    return Discovery(
        # Clients of an attached target go by the recorder, which is gone after the run.
        base_url=instance.base_url if instance.target.is_launched else instance.direct_url,
        capabilities=_with_evidence(capabilities, folder),
        operations=instance.operations,
        document=instance.openapi_document,
        document_path=instance.target.openapi if instance.openapi_document is not None else "",
        fingerprint=_fingerprint(instance),
        idle=idle_layers(instance),
    )


def recall(record: RunRecord, folder: RunFolder) -> Discovery:
    """Return what an earlier run of the same target found out; its exchanges stay where they are."""
    attached = record.openapi_attachment
    return Discovery(
        base_url=record.base_url,
        capabilities={name: replace(item, exchanges=()) for name, item in record.capabilities.items()},
        operations=Operations(record.operations, prefix=record.path_prefix),
        document=json.loads(folder.read_attachment(attached)) if attached else None,
        document_path=record.openapi_path,
        fingerprint=record.fingerprint,
        idle={
            Layer(name): layer.detail
            for name, layer in record.layers.items()
            if layer.completion == Completion.SKIPPED.value
        },
    )


def existence_findings(capabilities: Mapping[str, Capability]) -> tuple[Finding, ...]:
    """Return what the probes say of the requirements that a capability exists."""
    found = (
        _existence(probe.requirement, capabilities[probe.id])
        for probe in probes()
        if probe.requirement and probe.id in capabilities
    )
    return tuple(_beside_other_interfaces(item, capabilities) for item in found)


#: Interfaces that tell a client themselves what they have.
_SELF_DESCRIBING = ("graphql", "mcp")


def _beside_other_interfaces(finding: Finding, capabilities: Mapping[str, Capability]) -> Finding:
    """Leave it open whether what speaks GraphQL or MCP has other operations, for OpenAPI to describe."""
    others = [
        name
        for name in _SELF_DESCRIBING
        if name in capabilities and capabilities[name].state is CapabilityState.PRESENT
    ]
    is_missing = finding.requirement == "api.openapi-document-served" and finding.reason == "absent"
    if not others or not is_missing:
        return finding
    said = f"{' and '.join(others)} describe themselves, and no other operation of the target is known"
    return replace(
        finding, outcome=Outcome.INCONCLUSIVE, reason="described-otherwise", seen=f"{said}; {finding.seen}"
    )


#: What is broken or absent does not exist; what could not be seen may.
_EXISTENCE = {CapabilityState.PRESENT: Outcome.PASS, CapabilityState.UNKNOWN: Outcome.INCONCLUSIVE}


def _existence(requirement: str, capability: Capability) -> Finding:
    exists = capability.state is CapabilityState.PRESENT
    return Finding(
        requirement=requirement,
        subject="target",
        outcome=_EXISTENCE.get(capability.state, Outcome.FAIL),
        reason="present" if exists else capability.state.value,
        layer=Layer.PROBE,
        producer=f"probe:{capability.id}",
        expected=f"the target offers {capability.id}",
        seen=capability.detail,
        exchanges=capability.exchanges,
    )


def _with_evidence(capabilities: Mapping[str, Capability], folder: RunFolder) -> Mapping[str, Capability]:
    """Name the exchanges behind each capability: a probe's questions carry its id as their step."""
    asked: dict[str, list[str]] = {}
    for exchange in folder.read_exchanges():
        asked.setdefault(exchange.step, []).append(exchange.id)
    return {
        name: replace(item, exchanges=tuple(asked.get(f"probe:{name}", ())))
        for name, item in capabilities.items()
    }


def _fingerprint(instance: Instance) -> str:
    """Return the title and version that the target's own document states."""
    stated = (instance.openapi_document or {}).get("info", {})
    return f"{stated.get('title', '')} {stated.get('version', '')}".strip()
