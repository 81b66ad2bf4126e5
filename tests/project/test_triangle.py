"""Requirement, producer and defect hold together: none stands alone."""

from pathlib import Path

import pytest
import yaml

from harness.catalogue.rubric import load_rubric
from harness.core.area import Area
from harness.core.layer import ENGINE_LAYERS, Layer
from harness.proving.defects import Defect, load_defects
from harness.runner.producers import producers
from reference_impl import defects

CATALOGUE = Path(__file__).parents[2] / "contracts" / "defects.yaml"
DEFECTS = load_defects(CATALOGUE)
PRODUCERS = producers("core")
REQUIREMENTS = {item.id: item for item in load_rubric().requirements}


def test_every_requirement_has_a_producer() -> None:
    assert sorted(set(REQUIREMENTS) - set(PRODUCERS)) == []


def test_producers_claim_no_requirement_that_does_not_exist() -> None:
    assert sorted(set(PRODUCERS) - set(REQUIREMENTS)) == []


def test_each_area_has_five_requirements_from_at_least_two_layers() -> None:
    for area in Area:
        here = [item.id for item in REQUIREMENTS.values() if item.area is area]
        layers = {layer for requirement in here for layer in PRODUCERS[requirement]}

        assert len(here) >= 5, area
        assert len(layers) >= 2, area


def test_the_catalogue_of_defects_is_what_the_reference_has() -> None:
    listed = {item.id: (item.family, item.title, item.breaks, item.has_twin) for item in DEFECTS}
    built = {
        item.id: (item.family, item.title, tuple(item.breaks), item.twin is not None)
        for item in defects.discover(defects).values()
    }

    assert listed == built


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda item: item.id)
def test_a_defect_breaks_one_requirement_or_two_that_somebody_judges(defect: Defect) -> None:
    assert 1 <= len(defect.breaks) <= 2
    for requirement in defect.breaks:
        assert PRODUCERS.get(requirement), requirement


def test_every_area_and_every_layer_has_a_defect() -> None:
    broken = {requirement for defect in DEFECTS for requirement in defect.breaks}

    assert {REQUIREMENTS[item].area for item in broken} == set(Area)
    assert {layer for item in broken for layer in PRODUCERS[item]} >= {*ENGINE_LAYERS, Layer.JUDGES}


def test_four_defects_or_more_have_a_clean_twin() -> None:
    assert sum(item.has_twin for item in DEFECTS) >= 4


def test_no_more_than_two_defects_break_one_requirement() -> None:
    broken = [requirement for defect in DEFECTS for requirement in defect.breaks]

    assert {item: broken.count(item) for item in broken if broken.count(item) > 2} == {}


def test_the_catalogue_of_defects_is_sorted_by_id() -> None:
    ids = [row["id"] for row in yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))]

    assert ids == sorted(ids)
