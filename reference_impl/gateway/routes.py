"""The routes that really exist: every one declares its access, and knows which methods its path has."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from re import Pattern
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.gateway.exchange import exchange_of, within
from reference_impl.gateway.problems import method_not_allowed
from reference_impl.kit.access import SCOPE_PRINCIPAL, SCOPE_REFUSAL, PublicMark, Requirement, granted
from reference_impl.kit.composition import Mount

_IMPLIED_BY_GET = ("HEAD",)
_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class UndeclaredAccess(Exception):
    """A route says neither which permission it needs nor that it is public."""

    def __init__(self, routes: Sequence[str]) -> None:
        super().__init__(
            "these routes declare no access, so the service does not start; "
            f"add require(...) or public(): {', '.join(routes)}"
        )
        self.routes = tuple(routes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One route as the router has it."""

    path: str
    pattern: Pattern[str]
    methods: frozenset[str]
    dependant: Any


def known_routes(api: FastAPI) -> Iterator[Known]:
    for route in iter_route_contexts(api.routes):
        pattern = getattr(route, "path_regex", None)
        if pattern is None or route.path is None:
            continue
        methods = frozenset(route.methods or ())
        yield Known(
            path=route.path, pattern=pattern, methods=methods, dependant=getattr(route, "dependant", None)
        )


def _calls(dependant: Any) -> Iterator[object]:
    for child in dependant.dependencies:
        yield child.call
        yield from _calls(child)


def refuse_undeclared(api: FastAPI) -> None:
    """Deny by default: raise unless every route carries require(...) or public()."""
    undeclared = [
        f"{'/'.join(sorted(route.methods))} {route.path}"
        for route in known_routes(api)
        if route.dependant is None
        or not any(isinstance(call, Requirement | PublicMark) for call in _calls(route.dependant))
    ]
    if undeclared:
        raise UndeclaredAccess(undeclared)


class MethodTable:
    """Answers which methods a path has, over all routes and mounts that match it."""

    def __init__(self, mounts: Sequence[Mount]) -> None:
        self._mounts = tuple(mounts)
        self._routes: tuple[Known, ...] = ()
        self._literal: dict[str, frozenset[str]] = {}

    def learn(self, api: FastAPI) -> None:
        self._routes = tuple(known_routes(api))
        for route in self._routes:
            if "{" not in route.path:
                self._literal[route.path] = self._literal.get(route.path, frozenset()) | route.methods

    def serves(self, path: str, method: str) -> bool:
        """False only when the path is literal and without this method; routing decides the rest."""
        methods = self._literal.get(path)
        return methods is None or method in methods

    def allowed(self, path: str) -> tuple[str, ...]:
        """A path that routes name letter by letter is that resource, whatever patterns match it, too."""
        methods = set(self._literal.get(path, ()))
        for route in () if methods else self._routes:
            if route.pattern.match(path):
                methods |= route.methods
        for mount in self._mounts:
            if within(path, (mount.path,)):
                methods |= set(mount.methods)
        if "GET" in methods:
            methods |= set(_IMPLIED_BY_GET)
        if methods:
            methods.add("OPTIONS")
        return tuple(method for method in _ORDER if method in methods)


class Methods:
    """Refuses methods that a literal path does not have, before a pattern such as `/{id}` takes the path."""

    def __init__(self, app: ASGIApp, *, table: MethodTable, allowed: Callable[[str], Sequence[str]]) -> None:
        self._app = app
        self._table = table
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._table.serves(scope["path"], scope["method"]):
            raise method_not_allowed(exchange_of(scope).method, self._allowed(scope["path"]))
        await self._app(scope, receive, send)


class Mounts:
    """Hands requests below a mount to its application, after the same access rules as everywhere."""

    def __init__(self, app: ASGIApp, *, mounts: Sequence[Mount]) -> None:
        self._app = app
        self._mounts = tuple(sorted(mounts, key=lambda mount: -len(mount.path)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            for mount in self._mounts:
                if within(scope["path"], (mount.path,)):
                    await self._enter(mount, scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _enter(self, mount: Mount, scope: Scope, receive: Receive, send: Send) -> None:
        scope["core.mount"] = mount.path
        if scope["type"] == "http":
            method = exchange_of(scope).method
            if scope["method"] not in mount.methods:
                implied = _IMPLIED_BY_GET if "GET" in mount.methods else ()
                known = {*mount.methods, *implied, "OPTIONS"}
                raise method_not_allowed(method, tuple(name for name in _ORDER if name in known))
        if not mount.public:
            granted(scope.get(SCOPE_PRINCIPAL), scope.get(SCOPE_REFUSAL), mount.permission)
        inner = dict(scope)
        inner["root_path"] = scope.get("root_path", "") + mount.path
        await mount.app(inner, receive, send)
