"""The plan fixes the denominator before anything runs."""

from dataclasses import replace

import pytest

from harness.core.area import Area, Level
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.plan import Capability, CapabilityState, PlannedSubject, SkipReason
from harness.core.requirement import EvidenceKind, Profile, Requirement, SubjectKind, Weight
from harness.core.target import Consent, Exemption, Process, Target
from harness.plan.planner import Choice, Knowledge, build_plan

OPEN = Operation(method="GET", path="/items/{id}", takes_input=True)
SECURED = Operation(method="POST", path="/items", is_secured=True, responses={"201": ()}, takes_input=True)
HEALTH = Operation(method="GET", path="/health")

ROW = Requirement(
    id="api.rows",
    area=Area.API_DESIGN,
    profile=Profile.PORTABLE,
    level=Level.DEVELOPING,
    weight=Weight.HIGH,
    must=True,
    evidence=EvidenceKind.BEHAVIOUR,
    statement="Rows are rows.",
    source=("RFC 9110",),
    remedy="Make rows.",
    effort="low",
)
URL = Target(name="there", base_url="http://127.0.0.1:1")
LAUNCHED = replace(
    URL,
    profile=Profile.CORE,
    processes=(Process(name="server", command=("serve",)),),
    consent=Consent(writes=True, faults=True, load_rps=50),
)


def known(
    *producers: Layer, state: CapabilityState = CapabilityState.PRESENT, items: tuple[str, ...] = ()
) -> Knowledge:
    return Knowledge(
        operations=Operations((OPEN, SECURED, HEALTH)),
        capabilities={"graphql": Capability(id="graphql", state=state, detail="answered 404", items=items)},
        producers={ROW.id: producers},
        enumerated={ROW.id: ("b", "a")},
        today="2026-01-15",
    )


def planned(
    requirement: Requirement, knowledge: Knowledge, *, target: Target = LAUNCHED, **choice: object
) -> tuple[PlannedSubject, ...]:
    return build_plan(target, (requirement,), Choice(**choice), knowledge).subjects  # type: ignore[arg-type]  # keywords of Choice


@pytest.mark.parametrize(
    ("kind", "subjects"),
    [
        (SubjectKind.TARGET, ("target",)),
        (SubjectKind.OPERATIONS, ("GET /health", "GET /items/{id}", "POST /items")),
        (SubjectKind.INPUT_OPERATIONS, ("GET /items/{id}", "POST /items")),
        (SubjectKind.SECURED_OPERATIONS, ("POST /items",)),
        (SubjectKind.CREATING_OPERATIONS, ("POST /items",)),
        (SubjectKind.GRAPHQL_FIELDS, ("Query.a", "Query.b")),
        (SubjectKind.INTERACTIONS, ("a", "b")),
        (("second", "first"), ("first", "second")),
    ],
)
def test_subjects_are_enumerated_in_canonical_order(
    kind: SubjectKind | tuple[str, ...], subjects: tuple[str, ...]
) -> None:
    row = replace(ROW, subjects=kind)

    found = planned(row, known(Layer.FUZZ, items=("Query.b", "Query.a")))

    assert tuple(item.subject for item in found) == subjects
    assert {item.skip for item in found} == {None}


def test_a_binding_requirement_without_subjects_still_counts() -> None:
    row = replace(ROW, subjects=SubjectKind.MCP_TOOLS)

    assert [item.subject for item in planned(row, known(Layer.SCENARIOS))] == ["target"]


def test_an_absent_capability_makes_a_portable_requirement_not_applicable() -> None:
    row = replace(ROW, needs=("graphql",))

    (only,) = planned(row, known(Layer.FUZZ, state=CapabilityState.ABSENT), target=URL)

    assert only.not_applicable == "graphql: answered 404"


@pytest.mark.parametrize("state", [CapabilityState.BROKEN, CapabilityState.UNKNOWN])
def test_a_broken_capability_is_never_absent(state: CapabilityState) -> None:
    row = replace(ROW, needs=("graphql",))

    (only,) = planned(row, known(Layer.FUZZ, state=state), target=URL)

    assert only.not_applicable == ""


def test_a_declared_capability_is_never_absent() -> None:
    row = replace(ROW, needs=("graphql",))
    target = replace(URL, capabilities=("graphql",))

    (only,) = planned(row, known(Layer.FUZZ, state=CapabilityState.ABSENT), target=target)

    assert only.not_applicable == ""


def test_what_the_core_profile_promises_is_never_absent() -> None:
    row = replace(ROW, profile=Profile.CORE, needs=("graphql",))

    (only,) = planned(row, known(Layer.FUZZ, state=CapabilityState.ABSENT))

    assert only.not_applicable == ""


def test_core_requirements_do_not_bind_a_portable_target() -> None:
    assert planned(replace(ROW, profile=Profile.CORE), known(Layer.FUZZ), target=URL) == ()


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (Layer.CHAOS, SkipReason.NO_CONSENT_FAULTS),
        (Layer.LOAD, SkipReason.NO_CONSENT_LOAD),
        (Layer.CONTRACTS, SkipReason.NO_CONSENT_WRITES),
    ],
)
def test_a_url_alone_consents_to_reads_only(layer: Layer, reason: SkipReason) -> None:
    plan = build_plan(URL, (ROW,), Choice(), known(layer))

    assert plan.subjects[0].skip is reason
    assert layer not in plan.layers


def test_one_consented_producer_is_enough() -> None:
    (only,) = planned(ROW, known(Layer.CHAOS, Layer.SCENARIOS), target=URL)

    assert only.skip is None


def test_a_requirement_nobody_can_judge_is_named_so() -> None:
    (only,) = planned(ROW, known())

    assert only.skip is SkipReason.NO_PRODUCER


def test_leaving_out_a_layer_makes_the_run_partial_and_its_subjects_unmeasured() -> None:
    plan = build_plan(LAUNCHED, (ROW,), Choice(layers=(Layer.LOAD,)), known(Layer.FUZZ))

    assert plan.is_partial
    assert plan.layers == (Layer.LOAD,)
    assert plan.subjects[0].skip is SkipReason.LAYER_NOT_SELECTED


def test_judges_see_whatever_layer_was_chosen() -> None:
    (only,) = planned(ROW, known(Layer.JUDGES), layers=(Layer.LOAD,))

    assert only.skip is None


@pytest.mark.parametrize(
    ("choice", "skip"),
    [
        ({"select": ("api.*",)}, None),
        ({"select": ("auth.*",)}, SkipReason.REQUIREMENT_NOT_SELECTED),
        ({"ignore": ("api.r*",)}, SkipReason.REQUIREMENT_NOT_SELECTED),
    ],
)
def test_select_and_ignore_take_patterns(choice: dict[str, tuple[str, ...]], skip: SkipReason | None) -> None:
    (only,) = planned(ROW, known(Layer.FUZZ), **choice)

    assert only.skip is skip


@pytest.mark.parametrize(("expires", "skip"), [("2026-01-15", SkipReason.EXEMPT), ("2026-01-14", None)])
def test_an_exemption_holds_until_its_day_is_over(expires: str, skip: SkipReason | None) -> None:
    exemption = Exemption(requirement=ROW.id, subject="target", owner="team", reason="known", expires=expires)

    (only,) = planned(ROW, known(Layer.FUZZ), target=replace(LAUNCHED, exemptions=(exemption,)))

    assert only.skip is skip


def test_a_layer_with_nothing_to_do_is_not_planned_and_the_plan_says_why() -> None:
    target = replace(LAUNCHED, profile=Profile.PORTABLE)
    idle = {Layer.CONTRACTS: "the target file names no `pacts`"}

    plan = build_plan(target, (ROW,), Choice(), replace(known(Layer.SCENARIOS), idle=idle))

    assert Layer.CONTRACTS not in plan.layers
    assert Layer.SCENARIOS in plan.layers
    assert plan.idle == idle


def test_a_layer_asked_for_by_name_is_planned_although_it_is_idle() -> None:
    target = replace(LAUNCHED, profile=Profile.PORTABLE)
    idle = {Layer.CONTRACTS: "the target file names no `pacts`"}

    plan = build_plan(
        target, (ROW,), Choice(layers=(Layer.CONTRACTS,)), replace(known(Layer.SCENARIOS), idle=idle)
    )

    assert plan.layers == (Layer.CONTRACTS,)


def test_of_layers_that_may_not_run_the_plan_does_not_say_that_they_are_idle() -> None:
    idle = {Layer.CONTRACTS: "the target file names no `pacts`"}

    plan = build_plan(URL, (ROW,), Choice(), replace(known(Layer.SCENARIOS), idle=idle))

    assert plan.idle == {}


def test_whoever_claims_the_core_profile_promises_work_for_every_layer() -> None:
    idle = {Layer.CONTRACTS: "the target file names no `pacts`"}

    plan = build_plan(LAUNCHED, (ROW,), Choice(), replace(known(Layer.SCENARIOS), idle=idle))

    assert Layer.CONTRACTS in plan.layers
    assert plan.idle == {}


@pytest.mark.parametrize(
    ("producer", "layers"),
    [
        (Layer.CHAOS, (Layer.CHAOS,)),
        (Layer.SCENARIOS, (Layer.SCENARIOS,)),
        (Layer.JUDGES, (Layer.CONTRACTS, Layer.SCENARIOS, Layer.FUZZ)),
    ],
)
def test_of_selected_requirements_only_the_layers_that_judge_them_run(
    producer: Layer, layers: tuple[Layer, ...]
) -> None:
    plan = build_plan(LAUNCHED, (ROW,), Choice(select=("api.*",)), known(producer))

    assert plan.layers == layers
    assert set(plan.idle.values()) == {"it judges nothing of what was selected"}


def test_a_layer_named_beside_a_selection_runs_all_the_same() -> None:
    choice = Choice(select=("api.*",), layers=(Layer.LOAD,))

    assert build_plan(LAUNCHED, (ROW,), choice, known(Layer.SCENARIOS)).layers == (Layer.LOAD,)
