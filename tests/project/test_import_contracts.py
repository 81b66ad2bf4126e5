"""The wall between the two worlds holds at run time, too."""

import subprocess
import sys

import pytest

_WALL = """
import importlib, pkgutil, sys
package = importlib.import_module({ours!r})
for module in pkgutil.walk_packages(package.__path__, {ours!r} + "."):
    if ".migrations." not in module.name:
        importlib.import_module(module.name)
found = sorted(name for name in sys.modules if name.split(".")[0] == {theirs!r})
assert not found, found
"""


@pytest.mark.parametrize(("ours", "theirs"), [("harness", "reference_impl"), ("reference_impl", "harness")])
def test_importing_one_world_loads_nothing_of_the_other(ours: str, theirs: str) -> None:
    """import-linter cannot see importlib.import_module; the set of loaded modules can."""
    program = _WALL.format(ours=ours, theirs=theirs)

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr


def test_help_loads_nothing_heavy() -> None:
    """`harness --help` must answer at once: the set of modules is the gate, not the wall time."""
    program = (
        "import sys\n"
        "from harness.cli import parser\n"
        "parser().format_help()\n"
        "heavy = {'asyncio', 'pydantic', 'rich', 'httpx', 'yaml', 'jsonschema', 'pytest', 'locust'}\n"
        "assert not heavy & set(sys.modules), sorted(heavy & set(sys.modules))\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
