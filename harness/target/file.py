"""Reads a target file (TOML) or a bare URL into the target model; what it does not know is an error."""

import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from harness.core.area import Area, Level
from harness.core.errors import HarnessFault, TargetFileProblem
from harness.core.layer import ENGINE_LAYERS, Layer
from harness.core.requirement import Profile
from harness.core.resources import resource
from harness.core.target import (
    Claim,
    Consent,
    CredentialKind,
    DefectSwitches,
    Dependency,
    DependencyKind,
    Exemption,
    Grant,
    Identity,
    Limits,
    Login,
    Process,
    Stub,
    Target,
    Tls,
)
from harness.target.table import Table, interpolate

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_HOME = "scenarios/targets"
_LAYER_NAMES = tuple(layer.value for layer in (Layer.PROBE, *ENGINE_LAYERS))


def load_target(path_or_url: str, environ: Mapping[str, str]) -> Target:
    """Return the target of a file, of a URL, or of a shipped target's name ("reference").

    Raises TargetFileProblem naming the file and the key.
    """
    if path_or_url.startswith(("http://", "https://")):
        return target_of_url(path_or_url)
    path = _find(path_or_url)
    plain = interpolate(_read(path), environ, path)
    assert isinstance(plain, dict)
    return _parse(plain, path)


def target_of_url(url: str) -> Target:
    """Return what a bare URL says: reads only; a URL of a JSON or YAML file is that of the document."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise TargetFileProblem(None, f"{url!r} is no URL", remedy="Write e.g. https://staging.example")
    if parts.path.endswith((".json", ".yaml", ".yml")):
        return Target(name=parts.netloc, base_url=f"{parts.scheme}://{parts.netloc}", openapi=parts.path)
    return Target(name=parts.netloc, base_url=url.split("?", 1)[0].rstrip("/"))


def _find(name: str) -> Path:
    path = Path(name)
    if path.is_file():
        return path
    if _NAME.fullmatch(name):
        try:
            return resource(f"{_HOME}/{name}.toml")
        except HarnessFault:
            pass
    raise TargetFileProblem(None, f"{name}: no such file", remedy="Name a target file (TOML) or a URL.")


def _read(path: Path, *, above: tuple[Path, ...] = ()) -> Mapping[str, object]:
    """Return a file's values on top of those of the file that it extends, which stands beside it."""
    if path in above:
        raise TargetFileProblem(path, "extends itself")
    try:
        values: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise TargetFileProblem(path, f"cannot be read: {problem}") from problem
    extended = values.pop("extends", None)
    if extended is None:
        return values
    if not isinstance(extended, str):
        raise TargetFileProblem(path, "extends is no text", remedy='Write e.g. extends = "reference.toml".')
    return _on_top(_read(path.parent / extended, above=(*above, path)), values)


def _on_top(below: Mapping[str, object], values: Mapping[str, object]) -> Mapping[str, object]:
    """Tables are joined, key by key; anything else, lists too, is replaced."""
    joined = dict(below)
    for key, value in values.items():
        lower = joined.get(key)
        if isinstance(lower, Mapping) and isinstance(value, Mapping):
            joined[key] = _on_top(lower, value)
        else:
            joined[key] = value
    return joined


def _parse(values: Mapping[str, object], path: Path) -> Target:
    table = Table(values, path=path)
    setup, processes = _launch(table)
    baseline, graphql_baseline = _baselines(table.table("compatibility"), path)
    shared_login = _login(table.table("login"))
    target = Target(
        name=table.text("name"),
        base_url=table.text("base_url").rstrip("/"),
        profile=Profile(table.choice("profile", [item.value for item in Profile], Profile.PORTABLE.value)),
        openapi=table.text("openapi", ""),
        openapi_file=_resource(table, "openapi_file", path),
        graphql=table.text("graphql", ""),
        graphql_schema=_resource(table, "graphql_schema", path),
        baseline=baseline,
        graphql_baseline=graphql_baseline,
        mcp=table.texts("mcp"),
        pacts=_resource(table, "pacts", path),
        setup=setup,
        processes=processes,
        dependencies=tuple(_dependency(name, item) for name, item in table.named("dependencies")),
        stubs=tuple(_stub(name, item) for name, item in table.named("stubs")),
        identities=tuple(
            _identity(item, shared_login, is_launched=bool(processes)) for item in table.tables("identities")
        ),
        consent=_consent(table.table("consent")),
        limits=_limits(table.table("limits")),
        tls=Tls(is_verified=table.flag("tls_verify", default=True), ca=_resource(table, "tls_ca", path)),
        claims={name: _claim(name, item, path) for name, item in table.named("claims")},
        exemptions=tuple(_exemption(item) for item in table.tables("exemptions")),
        capabilities=table.texts("capabilities"),
        never=table.texts("never"),
        load_profile=_resource(table, "load_profile", path),
        defects=_defects(table.table("defects"), path),
    )
    table.done()
    _check(target, path)
    return target


def _baselines(table: Table | None, path: Path) -> tuple[str, str]:
    """Return the files of the OpenAPI and GraphQL documents that clients were last promised."""
    if table is None:
        return "", ""
    found = (_resource(table, "baseline", path), _resource(table, "graphql_baseline", path))
    table.done()
    return found


def _launch(table: Table) -> tuple[tuple[Process, ...], tuple[Process, ...]]:
    """Return what is run to its end first, and the processes."""
    launch = table.table("launch")
    if launch is None:
        return (), ()
    setup = tuple(_process(name, item, is_setup=True) for name, item in launch.named("setup"))
    found = tuple(_process(name, item) for name, item in launch.named("processes"))
    launch.done()
    if not found:
        raise launch.problem("processes", "names no process")
    return setup, found


def _process(name: str, table: Table, *, is_setup: bool = False) -> Process:
    process = Process(
        name=name,
        command=table.texts("command", required=True),
        ready=None if is_setup else table.text("ready", "") or None,
        env=table.mapping("env"),
        layer_env=_layer_env(table.table("layer_env")),
        directory=table.text("directory", "") or None,
        preload="" if is_setup else table.text("preload", ""),
        layers=() if is_setup else tuple(map(Layer, table.choices("layers", _LAYER_NAMES))),
    )
    table.done()
    if not process.command:
        raise table.problem("command", "is empty")
    if process.preload and process.command[:2] != ("{python}", "-m"):
        raise table.problem("preload", "is for a command that begins with {python} -m")
    return process


def _layer_env(table: Table | None) -> Mapping[str, Mapping[str, str]]:
    if table is None:
        return {}
    found = {name: table.mapping(name) for name in _LAYER_NAMES}
    table.done()
    return found


def _dependency(name: str, table: Table) -> Dependency:
    kind = DependencyKind(table.choice("kind", [item.value for item in DependencyKind]))
    dependency = Dependency(
        name=name,
        kind=kind,
        url=table.text("url", None if kind is DependencyKind.URL else ""),
        image=table.text("image", None if kind is DependencyKind.CONTAINER else ""),
        port=table.whole("port"),
        env=table.mapping("env"),
    )
    table.done()
    if kind is DependencyKind.CONTAINER and not dependency.port:
        raise table.problem("port", "is missing", remedy="Name the port the container listens on.")
    return dependency


def _stub(name: str, table: Table) -> Stub:
    stub = Stub(name=name, module=table.text("module"))
    table.done()
    return stub


def _identity(table: Table, shared: Login | None, *, is_launched: bool) -> Identity:
    kind = CredentialKind(table.choice("kind", [item.value for item in CredentialKind], "password"))
    signs_in = kind is CredentialKind.PASSWORD
    # Nobody needs to think of a password for a user that lives as long as one run.
    fresh = f"Pw-{secrets.token_urlsafe(24)}" if signs_in and is_launched else None
    login = _login(table.table("login")) or (shared if signs_in else None)
    identity = Identity(
        name=table.text("name"),
        kind=kind,
        secret=table.text("secret", fresh),
        username=table.text("username", None if signs_in else ""),
        header=table.text("header", "X-API-Key" if kind is CredentialKind.API_KEY else "Authorization"),
        role=table.text("role", ""),
        reserved=table.texts("reserved"),
        login=login,
    )
    table.done()
    if signs_in and login is None:
        raise table.problem(
            "login", "is missing", remedy="Say where to sign in: [identities.login] or [login]."
        )
    return identity


def _login(table: Table | None) -> Login | None:
    if table is None:
        return None
    login = Login(
        path=table.text("path"),
        body=table.mapping("body"),
        token=table.text("token", "access_token"),
        subject=table.text("subject", ""),
        whoami=table.text("whoami", ""),
        register_path=table.text("register_path", ""),
        register_body=table.mapping("register_body"),
        grant=_grant(table.table("grant")),
        cookie=table.text("cookie", ""),
        is_form=table.flag("form"),
    )
    table.done()
    return login


def _grant(table: Table | None) -> Grant | None:
    if table is None:
        return None
    grant = Grant(
        by=table.text("by"),
        path=table.text("path"),
        body=table.text("body"),
        method=table.choice("method", ["PUT", "POST", "PATCH"], "PUT"),
        etag_path=table.text("etag_path", ""),
    )
    table.done()
    return grant


def _consent(table: Table | None) -> Consent:
    if table is None:
        return Consent()
    consent = Consent(
        writes=table.flag("writes"),
        faults=table.flag("faults"),
        load_rps=table.whole("load_rps"),
        destructive=table.texts("destructive"),
    )
    table.done()
    return consent


def _limits(table: Table | None) -> Limits:
    if table is None:
        return Limits()
    limits = Limits(
        requests=table.whole("requests"),
        requests_per_second=table.number("requests_per_second", 0.0),
        seconds=table.number("seconds", 0.0),
    )
    table.done()
    for key in ("requests", "requests_per_second", "seconds"):
        if getattr(limits, key) < 0:
            raise table.problem(key, "is negative", remedy="Leave it out for the default.")
    return limits


def _claim(name: str, table: Table, path: Path) -> Claim:
    areas = [area.value for area in Area]
    if name not in areas:
        raise TargetFileProblem(path, f"claims.{name} is no area", remedy=f"Areas are: {', '.join(areas)}.")
    claim = Claim(
        score=table.number("score"), level=table.choice("level", ["", *(item.value for item in Level)], "")
    )
    table.done()
    if not 0 <= claim.score <= 10:
        raise table.problem("score", f"is {claim.score:g}, an area is scored from 0 to 10")
    return claim


def _exemption(table: Table) -> Exemption:
    exemption = Exemption(
        requirement=table.text("requirement"),
        subject=table.text("subject", "*"),
        owner=table.text("owner"),
        reason=table.text("reason"),
        expires=table.text("expires"),
    )
    table.done()
    try:
        date.fromisoformat(exemption.expires)
    except ValueError as problem:
        raise table.problem(
            "expires", f"is {exemption.expires!r}", remedy="Write a day, e.g. 2027-01-31."
        ) from problem
    return exemption


def _defects(table: Table | None, path: Path) -> DefectSwitches | None:
    if table is None:
        return None
    switches = DefectSwitches(env=table.text("env"), catalogue=_resource(table, "catalogue", path))
    table.done()
    return switches


def _resource(table: Table, key: str, path: Path) -> str:
    """Return a file the target names: beside the target file, in this directory, or shipped with us."""
    named = table.text(key, "")
    if not named or "://" in named:
        return named
    for candidate in (path.parent / named, Path(named)):
        if candidate.exists():
            return str(candidate)
    try:
        return str(resource(named))
    except HarnessFault as problem:
        raise table.problem(key, f"names {named!r}, which does not exist") from problem


def _check(target: Target, path: Path) -> None:
    """Hold the parts of a file against one another."""
    if urlsplit(target.base_url).scheme not in {"http", "https"}:
        raise TargetFileProblem(path, f"base_url is {target.base_url!r}, which is no http or https URL")
    if target.is_launched and "{port}" not in target.base_url:
        raise TargetFileProblem(
            path,
            "base_url names no {port} although the target is launched",
            remedy='Write e.g. base_url = "http://127.0.0.1:{port}": every launch has a port of its own.',
        )
    if not target.is_launched and (target.stubs or target.dependencies):
        raise TargetFileProblem(
            path,
            "stubs and dependencies need [launch.processes.<name>]",
            remedy="Say how to start the target.",
        )
    _refuse_doubles(path, "identities", (item.name for item in target.identities))
    links = [*(item.name for item in target.stubs), *(item.name for item in target.dependencies)]
    _refuse_doubles(path, "stubs and dependencies (each is a link)", links)
    known = {item.name for item in target.identities}
    for identity in target.identities:
        grant = identity.login.grant if identity.login else None
        if grant is not None and grant.by not in known:
            raise TargetFileProblem(path, f"login.grant.by names {grant.by!r}, who is no identity")


def _refuse_doubles(path: Path, what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise TargetFileProblem(path, f"{what}: {name!r} is there twice")
        seen.add(name)
