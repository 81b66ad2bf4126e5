"""Which layers have nothing to do on a target, and that they say why."""

import json
from dataclasses import replace
from pathlib import Path

from harness.core.layer import Layer
from harness.core.requirement import Profile
from harness.core.target import Target
from harness.runner.producers import idle_layers
from tests.harness.layers.assigning import instance_of
from tests.targets.items_api import document
from tests.targets.orders_provider import document as orders

URL = "http://127.0.0.1:1"
TARGET = Target(name="there", base_url=URL)


def _pacts(folder: Path, *interactions: object) -> str:
    pact = {"consumer": {"name": "shop"}, "provider": {"name": "orders"}, "interactions": list(interactions)}
    (folder / "shop-orders.json").write_text(json.dumps(pact))
    return str(folder)


def test_a_bare_address_leaves_the_scenarios_alone_at_work() -> None:
    assert idle_layers(instance_of(TARGET, URL)) == {
        Layer.CONTRACTS: "the target file names no `pacts`",
        Layer.FUZZ: "the target declares neither OpenAPI nor GraphQL",
        Layer.CHAOS: "no experiment is written for targets outside the core profile",
        Layer.LOAD: "the target file names no `load_profile`",
    }


def test_a_pact_with_an_interaction_gives_the_contracts_layer_work(tmp_path: Path) -> None:
    asked = {"description": "asks", "request": {"method": "GET", "path": "/"}, "response": {"status": 200}}
    target = replace(TARGET, pacts=_pacts(tmp_path, asked))

    assert Layer.CONTRACTS not in idle_layers(instance_of(target, URL))


def test_a_folder_of_empty_pacts_is_named(tmp_path: Path) -> None:
    target = replace(TARGET, pacts=_pacts(tmp_path))

    assert idle_layers(instance_of(target, URL))[Layer.CONTRACTS] == f"no interaction in {tmp_path}"


def test_a_document_of_either_kind_gives_the_fuzz_layer_work() -> None:
    assert Layer.FUZZ not in idle_layers(instance_of(TARGET, URL, document()))
    assert Layer.FUZZ not in idle_layers(instance_of(replace(TARGET, graphql="/graphql"), URL))


def test_a_profile_of_ones_own_gives_the_load_layer_work() -> None:
    target = replace(TARGET, load_profile="load/mine.py")

    assert Layer.LOAD not in idle_layers(instance_of(target, URL))


def test_experiments_and_load_are_there_for_the_core_profile() -> None:
    idle = idle_layers(instance_of(replace(TARGET, profile=Profile.CORE), URL, orders()))

    assert set(idle) == {Layer.CONTRACTS}
