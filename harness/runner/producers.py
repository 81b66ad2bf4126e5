"""Who can judge what: engines, judges and probes, found and not listed."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import harness.layers
from harness.core.errors import HarnessFault
from harness.core.layer import Layer
from harness.core.target import Target
from harness.judges.judging import judges
from harness.plan.engine import Engine
from harness.target.instance import Instance
from harness.target.probes import probes


@cache
def engines() -> Mapping[Layer, Engine]:
    """Return every engine under harness/layers; raises HarnessFault when two claim one layer."""
    found: dict[Layer, Engine] = {}
    for package in pkgutil.iter_modules(harness.layers.__path__):
        if not package.ispkg:
            continue
        engine: Engine = importlib.import_module(f"harness.layers.{package.name}.engine").ENGINE
        if engine.layer in found:
            raise HarnessFault(f"two engines claim the layer {engine.layer.value}")
        found[engine.layer] = engine
    return found


def producers(profile: str) -> Mapping[str, tuple[Layer, ...]]:
    """Return the layers that can judge each requirement, `judges` and `probe` included."""
    found: dict[str, list[Layer]] = {}
    for layer, engine in engines().items():
        for requirement in engine.produces(profile):
            found.setdefault(requirement, []).append(layer)
    for judge in judges():
        for requirement in judge.requirements:
            found.setdefault(requirement, []).append(Layer.JUDGES)
    for probe in probes():
        if probe.requirement:
            found.setdefault(probe.requirement, []).append(Layer.PROBE)
    return {name: tuple(sorted(set(layers))) for name, layers in sorted(found.items())}


def idle_layers(instance: Instance) -> Mapping[Layer, str]:
    """Return why layers have nothing to do on a target, for those that have not."""
    reasons = {
        layer: engine.idle_reason(instance)
        for layer, engine in engines().items()
        if hasattr(engine, "idle_reason")  # an optional ability, see SaysWhenIdle
    }
    return {layer: reason for layer, reason in reasons.items() if reason}


def enumerated_subjects(target: Target) -> Mapping[str, tuple[str, ...]]:
    """Return the subjects that only an engine knows before anything runs."""
    known: dict[str, tuple[str, ...]] = {}
    for engine in engines().values():
        planned = getattr(engine, "planned_subjects", None)  # an optional ability, see EnumeratesSubjects
        if planned is not None:
            known.update(planned(target))
    return known
