"""Finds the channels: every module of the channels package exports one CHANNEL; ids are unique."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import httpx

from reference_impl.hub import channels
from reference_impl.hub.addresses import PublicAddress, is_public
from reference_impl.hub.ports import Channel, Guards, Resolver, Secrets
from reference_impl.hub.signing import KeyPolicy, SignaturePolicy, TracePolicy
from reference_impl.hub.webhooks import Compose, Identify, compose, message_id
from reference_impl.kit.clock import Clock


class DuplicateChannel(Exception):
    """Two channel files claim one id."""

    def __init__(self, channel: str) -> None:
        super().__init__(f"two files of the channels package export the channel {channel!r}; rename one")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKit:
    """What a channel may be built from."""

    client: Callable[[], httpx.AsyncClient]
    guards: Guards
    secrets: Secrets
    sign: SignaturePolicy
    trace: TracePolicy
    idempotency_key: KeyPolicy
    resolve: Resolver
    allow: frozenset[str]
    clock: Clock
    public: PublicAddress = is_public
    compose: Compose = compose
    identify: Identify = message_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlugin:
    """One channel: its id and how to build it."""

    id: str
    build: Callable[[ChannelKit], Channel]


def discover() -> Mapping[str, ChannelPlugin]:
    """Import every channel file and return the plug-ins by id."""
    found: dict[str, ChannelPlugin] = {}
    for module in pkgutil.iter_modules(channels.__path__, f"{channels.__name__}."):
        plugin: ChannelPlugin = importlib.import_module(module.name).CHANNEL
        if plugin.id in found:
            raise DuplicateChannel(plugin.id)
        found[plugin.id] = plugin
    return MappingProxyType(found)
