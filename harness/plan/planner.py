"""Builds the plan: every planned subject, with a typed reason where it cannot be judged or does not apply."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

from harness.core.layer import ENGINE_LAYERS, Depth, Layer
from harness.core.operation import Operations
from harness.core.plan import Capability, CapabilityState, Plan, PlannedSubject, SkipReason
from harness.core.requirement import Profile, Requirement
from harness.core.target import Exemption, Target
from harness.plan.subjects import subjects_of

#: Layers whose exchanges are made on an undisturbed target.
_TRAFFIC = frozenset({Layer.CONTRACTS, Layer.SCENARIOS, Layer.FUZZ})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user chose for this run; empty `layers` means all of them."""

    depth: Depth = Depth.STANDARD
    seed: int = 0
    layers: tuple[Layer, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether anything was left out by choice; a partial run prints findings and no maturity."""
        return bool(self.layers or self.select or self.ignore)

    def takes(self, requirement: str) -> bool:
        """Whether `--select` and `--ignore` leave a requirement in; both take shell patterns."""
        if any(fnmatch(requirement, pattern) for pattern in self.ignore):
            return False
        return not self.select or any(fnmatch(requirement, pattern) for pattern in self.select)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known before the first layer runs: probes, declared operations, and who can judge what.

    `producers` maps a requirement to the layers that can judge it (`judges` and `probe` included); `idle`
    says of a layer why it has nothing to do on the target.
    """

    operations: Operations
    capabilities: Mapping[str, Capability]
    producers: Mapping[str, tuple[Layer, ...]]
    enumerated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    idle: Mapping[Layer, str] = field(default_factory=dict)
    today: str = ""


def build_plan(target: Target, rubric: Sequence[Requirement], choice: Choice, known: Knowledge) -> Plan:
    """Return the plan in canonical order: requirements by id, subjects by name."""
    bound = [item for item in rubric if item.profile is Profile.PORTABLE or target.profile is Profile.CORE]
    planned: list[PlannedSubject] = []
    for requirement in sorted(bound, key=lambda item: item.id):
        planned.extend(_plan_requirement(requirement, target, choice, known))
    allowed = planned_layers(target, choice)
    idle = {**_idle(target, choice, known), **_unwanted(planned, allowed, choice, known)}
    return Plan(
        depth=choice.depth,
        seed=choice.seed,
        layers=tuple(layer for layer in allowed if layer not in idle),
        is_partial=choice.is_partial,
        subjects=tuple(planned),
        capabilities=known.capabilities,
        producers={name: tuple(layer.value for layer in found) for name, found in known.producers.items()},
        idle={layer: idle[layer] for layer in allowed if layer in idle},
    )


def planned_layers(target: Target, choice: Choice) -> tuple[Layer, ...]:
    """Return the layers that may run: what was chosen, as far as consent goes."""
    return tuple(
        layer for layer in ENGINE_LAYERS if _is_chosen(layer, choice) and _refusal(layer, target) is None
    )


def _idle(target: Target, choice: Choice, known: Knowledge) -> Mapping[Layer, str]:
    """Return the layers to leave out, and why; none that the profile promises or the user named."""
    if target.profile is Profile.CORE:
        return {}
    return {layer: reason for layer, reason in known.idle.items() if layer not in choice.layers}


def _unwanted(
    planned: Iterable[PlannedSubject], allowed: Sequence[Layer], choice: Choice, known: Knowledge
) -> Mapping[Layer, str]:
    """Return the layers that judge nothing of what `--select` names; none that the user named."""
    if not choice.select:
        return {}
    waiting = {each.requirement for each in planned if each.skip is None and not each.not_applicable}
    wanted = {layer for requirement in waiting for layer in known.producers.get(requirement, ())}
    if Layer.JUDGES in wanted:  # these read whatever traffic there is
        wanted |= _TRAFFIC
    return {
        layer: "it judges nothing of what was selected"
        for layer in allowed
        if layer not in wanted and layer not in choice.layers
    }


def _plan_requirement(
    requirement: Requirement, target: Target, choice: Choice, known: Knowledge
) -> Iterable[PlannedSubject]:
    absent = _absence(requirement, target, known.capabilities)
    if absent:
        yield PlannedSubject(requirement=requirement.id, subject="target", not_applicable=absent)
        return
    subjects = subjects_of(
        requirement,
        operations=known.operations,
        capabilities=known.capabilities,
        enumerated=known.enumerated,
    )
    reason = _skip_reason(requirement, target, choice, known)
    # A requirement that binds but has no subject still counts: planned on the target, never measured.
    for subject in sorted(set(subjects)) or ["target"]:
        exempt = _is_exempt(requirement.id, subject, target.exemptions, known.today)
        yield PlannedSubject(
            requirement=requirement.id,
            subject=subject,
            skip=SkipReason.EXEMPT if exempt else reason,
        )


def _absence(requirement: Requirement, target: Target, capabilities: Mapping[str, Capability]) -> str:
    """Return why a requirement does not apply, or nothing; only a probe that found absence can say so."""
    if requirement.profile is Profile.CORE:
        return ""  # a target that claims the profile promises the capability
    for need in requirement.needs:
        probed = capabilities.get(need)
        promised = need in target.capabilities or (need == "openapi" and bool(target.openapi_file))
        if probed is not None and probed.state is CapabilityState.ABSENT and not promised:
            return f"{need}: {probed.detail}"
    return ""


def _skip_reason(
    requirement: Requirement, target: Target, choice: Choice, known: Knowledge
) -> SkipReason | None:
    if not choice.takes(requirement.id):
        return SkipReason.REQUIREMENT_NOT_SELECTED
    producers = known.producers.get(requirement.id, ())
    if not producers:
        return SkipReason.NO_PRODUCER
    chosen = [layer for layer in producers if _is_chosen(layer, choice)]
    if not chosen:
        return SkipReason.LAYER_NOT_SELECTED
    refusals = [_refusal(layer, target) for layer in chosen]
    return None if None in refusals else refusals[0]


def _is_chosen(layer: Layer, choice: Choice) -> bool:
    return layer not in ENGINE_LAYERS or not choice.layers or layer in choice.layers


def _refusal(layer: Layer, target: Target) -> SkipReason | None:
    """Return the consent a layer lacks; reading layers need none."""
    if layer is Layer.CHAOS and not (target.consent.faults and target.is_launched):
        return SkipReason.NO_CONSENT_FAULTS
    if layer is Layer.LOAD and not target.consent.load_rps:
        return SkipReason.NO_CONSENT_LOAD
    if layer is Layer.CONTRACTS and not target.consent.writes:
        return SkipReason.NO_CONSENT_WRITES
    return None


def _is_exempt(requirement: str, subject: str, exemptions: Iterable[Exemption], today: str) -> bool:
    return any(
        item.requirement == requirement and item.subject in {"", "*", subject} and today <= item.expires
        for item in exemptions
    )
