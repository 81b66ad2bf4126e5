"""What an experiment's process must know of the running target; one file, because it holds credentials."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness.core.errors import UsageProblem
from harness.target.instance import Instance

#: Names the context file; with it `chaos run scenarios/chaos/x.yaml` works by hand on a running launch.
CONTEXT_VARIABLE = "HARNESS_CONTEXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosContext:
    """A running launch: where clients go, the launcher's control API and its token, who may sign in."""

    base_url: str
    direct_url: str
    control_address: str
    control_token: str
    identities: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stubs: Mapping[str, str] = field(default_factory=dict)
    proxies: Mapping[str, str] = field(default_factory=dict)


def context_of(instance: Instance) -> ChaosContext:
    """Describe an instance for child processes."""
    return ChaosContext(
        base_url=instance.base_url,
        direct_url=instance.direct_url,
        control_address=instance.control_address,
        control_token=instance.control_token,
        identities={name: dict(session.headers) for name, session in instance.sessions.items()},
        stubs=dict(instance.stubs),
        proxies=dict(instance.proxies),
    )


def write_context(context: ChaosContext, path: Path) -> None:
    """Write it where only its owner can read it."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(context)), encoding="utf-8")


def read_context() -> ChaosContext:
    """Read the file that the environment names; raises UsageProblem when there is none."""
    named = os.environ.get(CONTEXT_VARIABLE)
    if not named:
        raise UsageProblem(
            f"{CONTEXT_VARIABLE} names no context file",
            remedy="start the target with `harness launch TARGET` and copy the line it prints",
        )
    return ChaosContext(**json.loads(Path(named).read_text(encoding="utf-8")))
