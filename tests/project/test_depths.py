"""A seeded defect is shown no less than what can see it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from harness.core.layer import Depth
from harness.proving.defects import Defect, load_defects

ROOT = Path(__file__).parents[2]
_DEPTHS = tuple(Depth)


@cache
def scenario_depths() -> dict[str, Depth]:
    """Return the least depth at which some scenario judges a requirement."""
    found: dict[str, Depth] = {}
    for file in sorted((ROOT / "scenarios").glob("*/test_*.py")):
        for requirement, depth in _of(ast.parse(file.read_text())):
            found[requirement] = min(found.get(requirement, Depth.FULL), depth, key=_DEPTHS.index)
    return found


def _of(module: ast.Module) -> Iterator[tuple[str, Depth]]:
    whole = [
        node.value for node in module.body if isinstance(node, ast.Assign) and _names(node, "pytestmark")
    ]
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            marks = [*whole, *node.decorator_list]
            depth = next((Depth(text) for text in _arguments(marks, "depth")), Depth.QUICK)
            yield from ((requirement, depth) for requirement in _arguments(marks, "requirement"))


def _names(node: ast.Assign, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in node.targets)


def _arguments(marks: list[ast.expr], name: str) -> Iterator[str]:
    """Yield the first argument of each mark of a name, the nearest to the function first."""
    for mark in reversed(marks):
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == name:
            yield str(ast.literal_eval(mark.args[0]))


@pytest.mark.parametrize(
    "defect", load_defects(ROOT / "contracts" / "defects.yaml"), ids=lambda defect: defect.id
)
def test_a_defect_is_shown_to_a_scenario_that_judges_what_it_breaks(defect: Defect) -> None:
    depths = scenario_depths()
    needed = [depths[each] for each in defect.breaks if each in depths]

    assert not needed or _DEPTHS.index(defect.depth) >= min(map(_DEPTHS.index, needed)), (
        f"{defect.id} needs depth: {min(needed, key=_DEPTHS.index)}"
    )
