"""The published SDL is the one that the code makes; UPDATE_CONTRACTS=1 writes it anew."""

import os
from pathlib import Path

from reference_impl.chapters.graph.limits import FixedLimits
from reference_impl.chapters.graph.schema import build_schema

PUBLISHED = Path(__file__).parents[3] / "contracts" / "graphql" / "chapters.graphql"


def test_the_published_schema_is_the_one_that_is_served() -> None:
    made = build_schema(FixedLimits(), hardened=True).as_str() + "\n"
    if os.environ.get("UPDATE_CONTRACTS") == "1":
        PUBLISHED.parent.mkdir(parents=True, exist_ok=True)
        PUBLISHED.write_text(made)

    assert PUBLISHED.read_text() == made, "run this test with UPDATE_CONTRACTS=1 and review the difference"
