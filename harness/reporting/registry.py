"""Finds the report formats."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import harness.reporting
from harness.core.errors import HarnessFault
from harness.reporting.protocol import Report

#: Modules of this package that are no format; every other one must export REPORT.
_SUPPORT = frozenset(
    {
        *("protocol", "registry", "reading", "openings", "annotations", "trend", "causes", "marking"),
        *("explaining", "allure_past", "html_data", "html_hero", "html_parts", "html_past"),
        *("html_proof", "dose_plot"),
    }
)


@cache
def reports() -> tuple[Report, ...]:
    """Return every format by id; raises HarnessFault for a module without one and for an id given twice."""
    names = (item.name for item in pkgutil.iter_modules(harness.reporting.__path__))
    modules = (importlib.import_module(f"harness.reporting.{name}") for name in names if name not in _SUPPORT)
    return collect({module.__name__: getattr(module, "REPORT", None) for module in modules})


def collect(found: Mapping[str, Report | None]) -> tuple[Report, ...]:
    """Return reports by id from what modules export under the name REPORT."""
    homes: dict[str, str] = {}
    for module, report in found.items():
        if report is None:
            raise HarnessFault(
                f"{module} exports no REPORT", remedy="export one Report under the name REPORT"
            )
        if report.id in homes:
            raise HarnessFault(f"report {report.id} is in {homes[report.id]} and in {module}")
        homes[report.id] = module
    return tuple(sorted((report for report in found.values() if report), key=lambda report: report.id))
