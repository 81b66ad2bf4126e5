"""What can go wrong with the harness itself or with reaching the target.

HarnessProblem
├── UsageProblem          exit 2: a flag, a file or a value the user gave
│   ├── TargetFileProblem
│   └── CatalogueProblem
├── HarnessFault          exit 3: our own defect or our own environment (disk full, tool missing)
│   └── ToolCrashed
└── TargetUnreachable     exit 4: nothing answered where the target should be

What the target does wrong is never an exception here: it is a finding.
"""

from pathlib import Path


class HarnessProblem(Exception):
    """Base of all; `remedy` tells the user what to do next."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class UsageProblem(HarnessProblem):
    """The user can mend this by changing a flag, a file or a value."""


class TargetFileProblem(UsageProblem):
    """A target file that cannot be used; names the file and the key."""

    def __init__(self, path: Path | None, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message, remedy=remedy)
        self.path = path


class CatalogueProblem(UsageProblem):
    """A requirement catalogue that does not hold together."""


class HarnessFault(HarnessProblem):
    """The harness or its environment failed; the target is not to blame."""


class ToolCrashed(HarnessFault):
    """A tool that a layer runs ended without usable results."""

    def __init__(self, tool: str, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{tool}: {message}", remedy=remedy)
        self.tool = tool


class TargetUnreachable(HarnessProblem):
    """Nothing answered at the target's address."""

    def __init__(self, url: str, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{url}: {message}", remedy=remedy)
        self.url = url
