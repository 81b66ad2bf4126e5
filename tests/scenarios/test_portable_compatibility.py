"""The baseline decides what is judged: a promise kept passes, a broken one fails where it was made."""

import copy
import json
from pathlib import Path
from typing import Any

from harness.core.outcome import Outcome
from harness.core.target import Target
from harness.layers.scenarios.engine import ScenariosEngine
from tests.scenarios.playing import play_files
from tests.targets.shop import Shop, document

FILES = ("compatibility",)
REQUIREMENT = "api.backward-compatible"


def baseline(folder: Path, old: dict[str, Any]) -> str:
    path = folder / "old.json"
    path.write_text(json.dumps(old))
    return str(path)


def older() -> dict[str, Any]:
    """Return a document of the shop that promised one operation more."""
    old = copy.deepcopy(document())
    old["paths"]["/items/{id}"]["delete"] = {"responses": {"204": {"description": "Gone."}}}
    return old


def test_the_same_document_is_compatible(tmp_path: Path) -> None:
    with Shop() as shop:
        outcomes = play_files(
            shop.url, tmp_path, FILES, document=document(), baseline=baseline(tmp_path, document())
        )

    assert outcomes[REQUIREMENT] is Outcome.PASS


def test_an_operation_that_has_gone_fails(tmp_path: Path) -> None:
    with Shop() as shop:
        outcomes = play_files(
            shop.url, tmp_path, FILES, document=document(), baseline=baseline(tmp_path, older())
        )

    assert outcomes[REQUIREMENT] is Outcome.FAIL


def test_without_a_baseline_nothing_is_said(tmp_path: Path) -> None:
    with Shop() as shop:
        outcomes = play_files(shop.url, tmp_path, FILES, document=document())

    assert outcomes[REQUIREMENT] is Outcome.INCONCLUSIVE


def test_the_plan_names_the_operations_of_the_baseline(tmp_path: Path) -> None:
    target = Target(name="shop", base_url="http://127.0.0.1:1", baseline=baseline(tmp_path, older()))

    planned = ScenariosEngine().planned_subjects(target)

    assert "DELETE /items/{id}" in planned[REQUIREMENT]
