"""A strict reader of one TOML table: keys are asked for by type; what nobody asked for is an error."""

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from harness.core.errors import TargetFileProblem

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def interpolate(value: object, environ: Mapping[str, str], path: Path | None, where: str = "") -> object:
    """Replace `${NAME}` and `${NAME:-default}` in all texts; raises TargetFileProblem for an unset name."""
    match value:
        case str():

            def replaced(match: re.Match[str]) -> str:
                found = environ.get(match[1], match[2])
                if found is None:
                    raise TargetFileProblem(
                        path,
                        f"{where} names ${{{match[1]}}}, which is not set",
                        remedy=f"Set the variable, or write ${{{match[1]}:-a default}}.",
                    )
                return found

            return _VARIABLE.sub(replaced, value)
        case dict():
            return {
                key: interpolate(item, environ, path, f"{where}.{key}".lstrip("."))
                for key, item in value.items()
            }
        case list():
            return [interpolate(item, environ, path, f"{where}[{at}]") for at, item in enumerate(value)]
        case date():
            return value.isoformat()
        case _:
            return value


class Table:
    """One table of a file; `where` is its dotted name, empty for the top."""

    def __init__(self, values: Mapping[str, object], *, path: Path | None, where: str = "") -> None:
        self._values = values
        self._path = path
        self._where = where
        self._asked: list[str] = []

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it is required."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, "a text", value)
        return value

    def whole(self, key: str, default: int = 0) -> int:
        """Return a whole number."""
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, "a whole number", value)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number; without a default it is required."""
        value = self._get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(key, "a number", value)
        return float(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false; the default when it is not there."""
        value = self._get(key, default=default)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts; empty when it is not there."""
        value = self._get(key, None if required else [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, "a list of texts", value)
        return tuple(value)

    def mapping(self, key: str) -> Mapping[str, str]:
        """Return a table of texts; empty when it is not there."""
        value = self._get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self._wrong(key, "a table of texts", value)
        return dict(value)

    def table(self, key: str) -> "Table | None":
        """Return a table inside, or None."""
        value = self._get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "a table", value)
        return Table(value, path=self._path, where=self._name(key)) if key in self._values else None

    def named(self, key: str) -> "tuple[tuple[str, Table], ...]":
        """Return the tables inside a table, by name, in the order of the file."""
        outer = self.table(key)
        if outer is None:
            return ()
        inner = tuple((name, outer.table(name)) for name in outer._values)  # noqa: SLF001 - of our own class
        return tuple((name, table) for name, table in inner if table is not None)

    def tables(self, key: str) -> "tuple[Table, ...]":
        """Return a list of tables (`[[key]]`)."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong(key, f"a list of tables ([[{key}]])", value)
        return tuple(
            Table(item, path=self._path, where=f"{self._name(key)}[{at}]") for at, item in enumerate(value)
        )

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Return a text that is one of the allowed ones."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.problem(key, f"is {value!r}", remedy=_suggestion(value, allowed))
        return value

    def choices(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Return a list of texts, each one of the allowed ones; empty when it is not there."""
        values = self.texts(key)
        for value in values:
            if value not in allowed:
                raise self.problem(key, f"holds {value!r}", remedy=_suggestion(value, allowed))
        return values

    def done(self) -> None:
        """Raise TargetFileProblem for the first key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                raise TargetFileProblem(
                    self._path, f"unknown key {self._name(key)!r}", remedy=_suggestion(key, self._asked)
                )

    def problem(self, key: str, message: str, *, remedy: str = "") -> TargetFileProblem:
        """Return the error about one key."""
        return TargetFileProblem(self._path, f"{self._name(key)} {message}", remedy=remedy)

    def _get(self, key: str, default: object) -> object:
        self._asked.append(key)
        value = self._values.get(key, default)
        if value is None:
            raise self.problem(key, "is missing")
        return value

    def _name(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

    def _wrong(self, key: str, wanted: str, value: object) -> TargetFileProblem:
        return self.problem(key, f"must be {wanted}, not {value!r}")


def _suggestion(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    listed = ", ".join(sorted(set(known)))
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {listed}."
