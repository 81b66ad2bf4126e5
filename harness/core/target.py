"""The target model: what a target file says, parsed once into types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.core.layer import Layer
from harness.core.requirement import Profile


class DependencyKind(StrEnum):
    """How a dependency behind the target comes to be."""

    VALKEY = "valkey"
    POSTGRES = "postgres"
    CONTAINER = "container"
    URL = "url"


class CredentialKind(StrEnum):
    """How an identity proves itself."""

    PASSWORD = "password"  # noqa: S105 - a kind, not a password
    BEARER = "bearer"
    API_KEY = "api-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process of a launched target; `ready` is a path polled until it answers 200 (None: not polled).

    `preload` names modules that are imported once for all starts of a `{python} -m MODULE` command.
    `layer_env` is what the environment has besides in the layer of that name; `layers` are those it is
    started for, all of them when none is named.
    """

    name: str
    command: tuple[str, ...]
    ready: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    layer_env: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    directory: str | None = None
    preload: str = ""
    layers: tuple[Layer, ...] = ()

    def is_for(self, layer: Layer) -> bool:
        """Whether the process is there while a layer runs."""
        return not self.layers or layer in self.layers


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """Something behind the target, reached through a fault proxy when the launcher owns it."""

    name: str
    kind: DependencyKind
    url: str = ""
    image: str = ""
    port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """A double of an outside service, by the name of a module under scenarios/stubs."""

    name: str
    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """How the identity `by` gives another one its role on a fresh launch; `body` is a JSON text.

    `{subject}`, `{username}` and `{role}` are replaced in paths and body. Where the target wants If-Match,
    `etag_path` is read first for the ETag.
    """

    by: str
    path: str
    body: str
    method: str = "PUT"
    etag_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How an identity of kind password signs in: what is posted where, and where the token is in the answer.

    `register` is posted first when the target is launched fresh; a status of 409 or 200-299 is fine.
    `token` and `subject` are dotted names of members: of the token in the answer to the sign-in, of the
    identity's own id in the answer of `whoami` (read with the token), or of the sign-in when there is none.
    `cookie` names the cookie that carries the session where no token does; `is_form` posts fields of a form.
    """

    path: str
    body: Mapping[str, str]
    token: str = "access_token"  # noqa: S105 - the name of a member
    subject: str = ""
    whoami: str = ""
    register_path: str = ""
    register_body: Mapping[str, str] = field(default_factory=dict)
    grant: Grant | None = None
    cookie: str = ""
    is_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody the harness may act as. `secret` is already interpolated; it never reaches an artefact.

    `reserved` names the operations that only people of this role may call.
    """

    name: str
    kind: CredentialKind
    secret: str
    username: str = ""
    header: str = "Authorization"
    role: str = ""
    reserved: tuple[str, ...] = ()
    login: Login | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the owner of the target agreed to. A URL alone consents to reads only."""

    writes: bool = False
    faults: bool = False
    load_rps: int = 0
    destructive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may cost a deployment; 0 leaves a number to the defaults (see `limits_for`).

    `requests` is for the whole run, `requests_per_second` for all layers together, `seconds` for the run.
    """

    requests: int = 0
    requests_per_second: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How a deployment's certificate is checked: `ca` is a file of authorities to trust besides the usual."""

    is_verified: bool = True
    ca: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A self-assessment of one area; printed beside the measurement, never scored."""

    score: float
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A requirement (and subject) that its owner excuses until a date; scores as inconclusive."""

    requirement: str
    subject: str
    owner: str
    reason: str
    expires: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectSwitches:
    """Seeded defects of a launched target: the environment variable that names them, and their catalogue."""

    env: str
    catalogue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target file in types. `base_url` may hold `{port}` when the target is launched.

    `setup` is what runs to its end, in order, before the processes start: migrations, say.
    `openapi_file` is a document that is not served: written by hand, or by a crawl.
    """

    name: str
    base_url: str
    profile: Profile = Profile.PORTABLE
    openapi: str = ""
    openapi_file: str = ""
    graphql: str = ""
    graphql_schema: str = ""
    baseline: str = ""
    graphql_baseline: str = ""
    mcp: tuple[str, ...] = ()
    pacts: str = ""
    setup: tuple[Process, ...] = ()
    processes: tuple[Process, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    stubs: tuple[Stub, ...] = ()
    identities: tuple[Identity, ...] = ()
    consent: Consent = field(default_factory=Consent)
    limits: Limits = field(default_factory=Limits)
    tls: Tls = field(default_factory=Tls)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    capabilities: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    load_profile: str = ""
    defects: DefectSwitches | None = None

    @property
    def is_launched(self) -> bool:
        """Whether the harness starts the target itself."""
        return bool(self.processes)
