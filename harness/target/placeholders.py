"""Fills `{port}`, `{stubs.brave.url}` and their like into commands and environments at launch."""

import re
from collections.abc import Callable, Iterable, Mapping

from harness.core.errors import TargetFileProblem

_PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_-]+)*)\}")


class Placeholders:
    """What may stand in braces; `{ports.NAME}` is a free port of that name, the same wherever it stands."""

    def __init__(self, values: Mapping[str, str], *, free_port: Callable[[], int]) -> None:
        self._values = dict(values)
        self._free_port = free_port

    def add(self, values: Mapping[str, str]) -> None:
        """Know these, too."""
        self._values |= values

    def fill(self, text: str, *, where: str) -> str:
        """Return the text filled in; raises TargetFileProblem for a name that nothing is known of."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("ports.") and name not in self._values:
                self._values[name] = str(self._free_port())
            if name not in self._values:
                raise TargetFileProblem(
                    None, f"{where}: nothing is known of {{{name}}}", remedy=f"Known are: {self._known()}."
                )
            return self._values[name]

        return _PLACEHOLDER.sub(value, text)

    def fill_all(self, texts: Iterable[str], *, where: str) -> tuple[str, ...]:
        """Fill in a list."""
        return tuple(self.fill(text, where=where) for text in texts)

    def fill_values(self, texts: Mapping[str, str], *, where: str) -> dict[str, str]:
        """Fill in the values of a table."""
        return {name: self.fill(text, where=f"{where}.{name}") for name, text in texts.items()}

    def _known(self) -> str:
        return ", ".join(f"{{{name}}}" for name in sorted(self._values))
