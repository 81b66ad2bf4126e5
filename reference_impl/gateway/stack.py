"""The order of the layers before the routes, and the named decisions they take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.types import ASGIApp

from reference_impl.gateway import bodies, context, cors, idempotency, identity, limits, problems, versions
from reference_impl.gateway.bodies import Bodies
from reference_impl.gateway.context import ContextPolicies, RequestContext
from reference_impl.gateway.cors import Cors
from reference_impl.gateway.counting import Counter
from reference_impl.gateway.forward import Forward
from reference_impl.gateway.idempotency import Idempotency
from reference_impl.gateway.identity import Identity
from reference_impl.gateway.limits import RateLimits
from reference_impl.gateway.problems import ProblemRenderer
from reference_impl.gateway.representation import Representation
from reference_impl.gateway.routes import Methods, MethodTable, Mounts
from reference_impl.gateway.store import IdempotencyStore
from reference_impl.gateway.streams import Streams
from reference_impl.gateway.versions import Lifecycle, Versions
from reference_impl.kit.access import Authenticator
from reference_impl.kit.composition import Background, BodyRule, Kit, Mount
from reference_impl.kit.policies import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What this process answers, and what it passes on."""

    mounts: Sequence[Mount]
    bodies: Sequence[BodyRule]
    remotes: Mapping[str, str]
    prefixes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The whole chain, ready to be served, and what must run beside it."""

    app: ASGIApp
    background: Sequence[Background]
    streams: Streams


def register_policies(policies: Policies, *, https: bool) -> None:
    """Name every decision of the gateway."""
    policies.register("gateway.answer_head", context.as_answered)
    policies.register("gateway.metric_labels", context.as_routed)
    policies.register("gateway.trace", context.continued_trace)
    policies.register("gateway.request_id", context.accepted_request_id)
    policies.register("gateway.security_headers", context.security_headers(https=https))
    policies.register("gateway.problem_document", problems.plain_document)
    policies.register("gateway.cors_origin", cors.is_configured)
    policies.register("gateway.cors_credentials", cors.never)
    policies.register("gateway.rate_budgets", limits.budgets)
    policies.register("gateway.client_address", limits.client_address)
    policies.register("gateway.idempotent_same_request", idempotency.same_request)
    policies.register("gateway.version_lifecycle", Lifecycle())
    policies.register("gateway.allowed_methods", all_methods)
    policies.register("gateway.credentials", identity.authorization_header)
    policies.register("gateway.idempotency_owner", idempotency.caller)
    policies.register("gateway.version", versions.agreed)
    policies.register("gateway.body_too_large", bodies.exceeds)
    policies.register("gateway.json", bodies.check_json)
    policies.register("gateway.routes", straight_in)


def all_methods(_path: str, methods: Sequence[str]) -> Sequence[str]:
    """Name every method that the path has."""
    return methods


def straight_in(routes: ASGIApp) -> ASGIApp:
    """Nothing stands between the layers of the gateway and the routes."""
    return routes


def build(kit: Kit, api: FastAPI, surface: Surface, authenticator: Authenticator) -> Gateway:
    """Put the layers around the routes; the last one here is the first that a request meets."""
    settings, policies = kit.settings, kit.policies
    renderer = ProblemRenderer(public_url=settings.origin, policy=policies["gateway.problem_document"])
    table = MethodTable(surface.mounts)
    table.learn(api)
    choose = policies["gateway.allowed_methods"]

    def allowed(path: str) -> Sequence[str]:
        return tuple(choose(path, table.allowed(path)))

    problems.install(api, renderer, allowed)
    app: ASGIApp = Mounts(Methods(api, table=table, allowed=allowed), mounts=surface.mounts)
    app = Representation(policies["gateway.routes"](app))
    policies.register("gateway.idempotency_keys", IdempotencyStore(kit.database))
    keys = Idempotency(
        app,
        store=policies["gateway.idempotency_keys"],
        clock=kit.clock,
        same=policies["gateway.idempotent_same_request"],
        owner=policies["gateway.idempotency_owner"],
    )
    policies.register("gateway.rate_counter", Counter(redis=kit.redis, clock=kit.clock))
    app = RateLimits(
        keys,
        counter=policies["gateway.rate_counter"],
        clock=kit.clock,
        metrics=kit.metrics,
        scale=settings.rate_scale,
        trusted_proxies=settings.trusted_proxies,
        budgets=policies["gateway.rate_budgets"],
        address=policies["gateway.client_address"],
    )
    app = Identity(app, authenticator=authenticator, credentials=policies["gateway.credentials"])
    app = Bodies(
        app,
        limit=settings.body_limit,
        rules=surface.bodies,
        too_many=policies["gateway.body_too_large"],
        check=policies["gateway.json"],
    )
    app = Forward(
        app,
        remotes=surface.remotes,
        prefixes=surface.prefixes,
        client=kit.http.client,
        metrics=kit.metrics,
    )
    app = Cors(
        app,
        origins=settings.cors_origins,
        allowed=allowed,
        policy=policies["gateway.cors_origin"],
        credentials=policies["gateway.cors_credentials"],
    )
    app = Versions(
        app,
        public_url=settings.origin,
        lifecycle=policies["gateway.version_lifecycle"],
        choose=policies["gateway.version"],
    )
    streams = Streams()
    app = RequestContext(
        app,
        renderer=renderer,
        policies=ContextPolicies(
            trace=policies["gateway.trace"],
            request_id=policies["gateway.request_id"],
            security_headers=policies["gateway.security_headers"],
            answer_head=policies["gateway.answer_head"],
            metric_labels=policies["gateway.metric_labels"],
        ),
        metrics=kit.metrics,
        streams=streams,
    )
    return Gateway(app=app, background=(keys.forget_old,), streams=streams)
