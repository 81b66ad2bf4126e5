"""What the MCP servers speak of: hits, tools, and servers with their health."""

from collections.abc import Sequence
from dataclasses import dataclass

from reference_impl.kit.model import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One search result."""

    title: str
    url: str
    description: str
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """What search found; `degraded` says that a fallback answered."""

    hits: Sequence[Hit]
    degraded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool's contract: who may call it, and exactly which arguments it takes."""

    name: str
    title: str
    description: str
    permission: str
    arguments: type[Wire]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """One server as the registry describes it to one caller."""

    name: str
    title: str
    version: str
    url: str
    healthy: bool
    reason: str | None
    tools: Sequence[ToolSpec]
    fingerprint: str
