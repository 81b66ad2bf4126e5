"""Puts chapter extraction together: its policies by name, its store, service, schema and route."""

from reference_impl.chapters import api, executor, paging, policies
from reference_impl.chapters.executor import ExecutorPolicies, GraphQLExecutor
from reference_impl.chapters.graph.limits import FixedLimits
from reference_impl.chapters.graph.schema import build_schema
from reference_impl.chapters.over_http import HttpPolicies, answer_of, by_post_only, parse_body, status_of
from reference_impl.chapters.paging import HonestPageInfo
from reference_impl.chapters.policies import ChapterPolicies, OwnDocumentsOnly
from reference_impl.chapters.ports import DocumentStore
from reference_impl.chapters.service import ChapterService
from reference_impl.chapters.states import ChapterStates
from reference_impl.chapters.store import SqlDocumentStore
from reference_impl.kit.access import Authenticator
from reference_impl.kit.composition import Assembled, BodyRule, Kit

_BODY_LIMIT = 8 * 1024 * 1024  # a million characters, escaped at their longest, and the query


def register(kit: Kit) -> ChapterPolicies:
    """Name the decisions of chapter extraction and take back what is in force."""
    table = kit.policies
    table.register("chapters.ownership", OwnDocumentsOnly())
    table.register("chapters.mutation_permission", policies.needs_write)
    table.register("chapters.paging", paging.keyset_page)
    table.register("chapters.page_info", HonestPageInfo())
    table.register("chapters.page_bounds", paging.bounded)
    table.register("chapters.query_limits", FixedLimits())
    table.register("chapters.hardening", kit.settings.hardened)
    table.register("chapters.mask_error", executor.say_nothing)
    table.register("chapters.error_code", executor.code_of)
    table.register("chapters.operation", executor.as_named)
    table.register("chapters.answer", answer_of)
    table.register("chapters.read_body", parse_body)
    table.register("chapters.status", status_of)
    table.register("chapters.may_mutate", by_post_only)
    table.register("chapters.documents", SqlDocumentStore(kit.database))
    return ChapterPolicies(
        ownership=table["chapters.ownership"],
        mutation_permission=table["chapters.mutation_permission"],
        paging=table["chapters.paging"],
        page_info=table["chapters.page_info"],
        page_bounds=table["chapters.page_bounds"],
    )


def assemble(kit: Kit, *, authenticator: Authenticator) -> Assembled:
    """Chapter extraction with its route and its provider states."""
    decided = register(kit)
    store: DocumentStore = kit.policies["chapters.documents"]
    service = ChapterService(store=store, policies=decided, clock=kit.clock)
    hardened: bool = kit.policies["chapters.hardening"]
    runner = GraphQLExecutor(
        schema=build_schema(kit.policies["chapters.query_limits"], hardened=hardened),
        service=service,
        policies=ExecutorPolicies(
            mask=kit.policies["chapters.mask_error"],
            code=kit.policies["chapters.error_code"],
            operation=kit.policies["chapters.operation"],
            shape=kit.policies["chapters.answer"],
        ),
        hardened=hardened,
        logger=kit.logger,
    )
    http = HttpPolicies(
        read=kit.policies["chapters.read_body"],
        status=kit.policies["chapters.status"],
        may_mutate=kit.policies["chapters.may_mutate"],
    )
    return Assembled(
        name="chapters",
        service=service,
        routers=(api.build(runner, http),),
        states=ChapterStates(service=service, store=store, authenticator=authenticator).handlers(),
        bodies=(BodyRule(prefix="/graphql", limit=_BODY_LIMIT),),
    )
