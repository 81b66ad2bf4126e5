"""Builds a throw-away environment for a service, outside the checkout; it fetches what its lists name."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LISTS = ("requirements.txt", "package.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a service was set up: a copy of its folder, and the interpreter of its own environment."""

    home: Path
    python: Path

    def variables(self, defects: str = "") -> dict[str, str]:
        """Return what its target file asks for."""
        return {"FIELD_HOME": str(self.home), "FIELD_PYTHON": str(self.python), "FIELD_DEFECTS": defects}


def cache_folder() -> Path:
    """Return where environments are kept: `FIELD_CACHE`, or a folder of the user's cache."""
    named = os.environ.get("FIELD_CACHE") or Path.home() / ".cache" / "core-harness-field"
    return Path(named).resolve()


def build(service: Path, cache: Path) -> Environment:
    """Set a service up; what was set up by the same lists is used again."""
    home = cache / service.name / "service"
    made = Environment(home=home, python=cache / service.name / "env" / "bin" / "python")
    wanted = _wanted(service)
    marker = cache / service.name / "built.json"
    is_built = marker.is_file() and json.loads(marker.read_text(encoding="utf-8")) == wanted
    if not is_built:
        shutil.rmtree(cache / service.name, ignore_errors=True)
    shutil.copytree(
        service, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
    )
    if (service / "defects.py").is_file():
        shutil.copy2(Path(__file__).with_name("switches.py"), home)
    if is_built:
        return made
    if (service / "requirements.txt").is_file():
        uv = str(Path(sys.executable).with_name("uv"))
        _call([uv, "venv", "-q", "--python", sys.executable, str(made.python.parent.parent)])
        _call(
            [uv, "pip", "install", "-q", "--python", str(made.python), "-r", str(home / "requirements.txt")]
        )
    if (service / "package.json").is_file():
        _call(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], home)
    marker.write_text(json.dumps(wanted), encoding="utf-8")
    return made


def _wanted(service: Path) -> dict[str, str]:
    lists = [service / name for name in _LISTS if (service / name).is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in lists}


def _call(command: list[str], folder: Path | None = None) -> None:
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL)
