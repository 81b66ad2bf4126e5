"""Starts a dependency of any kind."""

from typing import assert_never

from harness.core.target import Dependency, DependencyKind
from harness.target.dependencies import address, container, postgres, valkey
from harness.target.dependencies.started import Place, Start, Started


def start_dependency(dependency: Dependency, place: Place) -> Started:
    """Start it and return where it is; raises HarnessFault when what it needs is missing."""
    return _of(dependency.kind)(dependency, place)


def _of(kind: DependencyKind) -> Start:
    match kind:
        case DependencyKind.VALKEY:
            return valkey.start
        case DependencyKind.POSTGRES:
            return postgres.start
        case DependencyKind.CONTAINER:
            return container.start
        case DependencyKind.URL:
            return address.start
        case _:
            assert_never(kind)
