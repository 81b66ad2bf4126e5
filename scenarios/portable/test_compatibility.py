"""What clients were promised by the last released documents still holds."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from graphql import GraphQLSchema, build_schema
from graphql.utilities import BreakingChange, BreakingChangeType, find_breaking_changes

from harness.core.compatibility import breaking_changes
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.graphql_door import open_door
from harness.layers.scenarios.signals import Inconclusive

_MOST_TOLD = 5


def _baseline(target: ScenarioContext) -> Mapping[str, Any]:
    if not target.baseline:
        raise Inconclusive("no-baseline", "The target file names no [compatibility] baseline.")
    text = Path(target.baseline).read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    return found


@pytest.mark.requirement("api.backward-compatible")
@pytest.mark.needs("baseline")
def test_clients_of_the_last_document_go_on_working(
    target: ScenarioContext, document: Mapping[str, Any], judged: Judged
) -> None:
    """Every operation of the baseline takes what it took and gives what it promised."""
    old = _baseline(target)
    if not document:
        raise Inconclusive("no-document", "The running target serves no document to compare with.")
    for subject, changes in breaking_changes(old, document).items():
        with judged(subject):
            broken = [f"{each.code}: {each.sentence}" for each in changes if not each.is_excused]
            assert not broken, "; ".join(broken[:_MOST_TOLD])


@pytest.mark.requirement("graphql.backward-compatible")
@pytest.mark.needs("graphql-baseline")
def test_clients_of_the_last_graphql_schema_go_on_working(
    identified: httpx.Client, target: ScenarioContext
) -> None:
    """No change since the baseline schema breaks a query, but for what was deprecated in it."""
    if not target.graphql_baseline:
        raise Inconclusive("no-baseline", "The target file names no [compatibility] graphql_baseline.")
    old = build_schema(Path(target.graphql_baseline).read_text(encoding="utf-8"))
    new = open_door(identified, target.graphql).schema(target.graphql_schema)

    broken = [each.description for each in find_breaking_changes(old, new) if not _is_excused(each, old)]

    assert not broken, "; ".join(broken[:_MOST_TOLD])


def _is_excused(change: BreakingChange, old: GraphQLSchema) -> bool:
    """Whether a field is gone that the old schema called deprecated; its name opens the description."""
    if change.type is not BreakingChangeType.FIELD_REMOVED:
        return False
    kind, _, field = change.description.split(" ", 1)[0].partition(".")
    found = getattr(old.type_map.get(kind), "fields", {}).get(field)
    return found is not None and found.deprecation_reason is not None
