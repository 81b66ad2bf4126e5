"""A sound service gets no fail from anything that a run sends it, and a sloppy one many."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]


def failed(folder: Path, *flags: str) -> set[str]:
    """Run the scenarios on the shop and return the requirements that failed."""
    target = (ROOT / "tests/targets/shop.toml").read_text().replace("${SHOP:---sound}", " ".join(flags))
    described = folder / "shop.toml"
    described.write_text(target)
    subprocess.run(
        [
            *(sys.executable, "-m", "harness", "run", str(described), "--layer", "scenarios"),
            *("--seed", "5", "--out", str(folder / "out")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    lines = (folder / "out" / "findings.ndjson").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert "pass" in {each["outcome"] for each in found}
    return {each["requirement"] for each in found if each["outcome"] == "fail"}


def test_a_sound_service_gets_no_fail_at_all(tmp_path: Path) -> None:
    assert failed(tmp_path, "--sound") == set()


def test_a_document_with_a_wrong_base_path_is_one_fault(tmp_path: Path) -> None:
    assert failed(tmp_path, "--flaw=misplaced") == {"docs.server-address-true"}
