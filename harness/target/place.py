"""Where a launch writes: the part of a run folder that a launcher needs."""

from pathlib import Path
from typing import Protocol


class Folder(Protocol):
    """A run folder; the launcher appends to no file of it but `resources` and the logs."""

    @property
    def exchanges(self) -> Path:
        """What the recorder writes."""
        ...

    @property
    def resources(self) -> Path:
        """What the sampler writes."""
        ...

    @property
    def logs(self) -> Path:
        """A folder with one file per process."""
        ...
