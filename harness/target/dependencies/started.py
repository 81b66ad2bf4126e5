"""What every kind of dependency needs to start, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.core.redaction import Redactor
from harness.core.spawn import Child
from harness.core.target import Dependency


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a dependency may write, and who redacts what it says."""

    directory: Path
    logs: Path
    prefix: str
    redactor: Redactor

    def log(self, name: str) -> Path:
        """Return the log of one process."""
        return self.logs / f"{self.prefix}-{name}.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A running dependency. `url` holds `{address}`, because the target is given that of its fault proxy."""

    host: str
    port: int
    url: str
    stop: Callable[[], None]
    child: Child | None = None


Start = Callable[[Dependency, Place], Started]
