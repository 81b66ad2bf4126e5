"""Writes a commented target file from what was found; what is not known becomes a comment, never a guess."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from harness.target.documents import CRAWL_MARK
from harness.target.entrances import Entrances, Scheme, SignIn, find_entrances
from harness.target.survey import Survey

_PEOPLE = ("alice", "bob")
_MOST_LISTED = 20


def name_of(survey: Survey) -> str:
    """Return a short name: of the document's title, or of the host."""
    document = survey.read.document if survey.read and survey.read.document else {}
    info = document.get("info")
    title = str(info.get("title", "")) if isinstance(info, Mapping) else ""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40]
    return slug or re.sub(r"[^a-z0-9]+", "-", (urlsplit(survey.url).hostname or "target").lower()).strip("-")


def draft(
    survey: Survey,
    *,
    name: str,
    file_name: str,
    crawled: str = "",
    ca: str = "",
    is_tls_verified: bool = True,
) -> str:
    """Return the text of a target file that runs as it is; `crawled` is the schema file of a crawl."""
    read = survey.read
    found = (
        find_entrances(read.document, read.operations, prefix=read.operations.prefix)
        if read is not None and read.document is not None
        else Entrances()
    )
    lines = [
        f"# Target file for {survey.url}, drafted by `harness init` from {survey.requests} GET requests.",
        f"# It runs as it is, and then only reads:  harness run {file_name}",
        "# ${NAME:-} takes a variable of the environment. A key that is not known is an error.",
        "",
        f"name = {_quoted(name)}",
        'profile = "portable"',
        f"base_url = {_quoted(survey.base_url)}",
        *_tls(ca, is_verified=is_tls_verified),
        *_document(survey, crawled),
        *_endpoints(survey),
        *_never(found),
        *_identities(survey, found),
        *_consent(found, survey),
        *_limits(survey, found),
    ]
    return "\n".join(map(_one_line, lines)).rstrip() + "\n"


def crawled_document(pages: Mapping[str, Mapping[int, set[str]]], *, title: str) -> Mapping[str, object]:
    """Return an OpenAPI document of what answered: GET, statuses and media types, and no schema.

    Every operation has a `default` answer: what a crawl did not see is not forbidden by it.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "0",
            "description": "What a crawl of links found. Complete it by hand.",
        },
        CRAWL_MARK: True,
        "paths": {path: {"get": _crawled(path, answers)} for path, answers in sorted(pages.items())},
    }


def _crawled(path: str, answers: Mapping[int, set[str]]) -> Mapping[str, object]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{([^}]+)\}", path)
    ]
    responses: dict[str, object] = {
        str(status): {
            "description": "Seen by the crawl.",
            "content": {kind: {} for kind in sorted(kinds) if kind},
        }
        for status, kinds in sorted(answers.items())
    }
    return {
        "parameters": parameters,
        "responses": {**responses, "default": {"description": "Not seen by the crawl."}},
    }


def _tls(ca: str, *, is_verified: bool) -> Iterator[str]:
    if ca:
        yield f"tls_ca = {_quoted(ca)}"
    if not is_verified:
        yield "tls_verify = false                # any certificate will do: only for a deployment you know"


def _document(survey: Survey, crawled: str) -> Iterator[str]:
    yield ""
    read = survey.read
    if read is not None and read.document is not None:
        document = read.document
        version = (
            f"OpenAPI {document['openapi']}"
            if "openapi" in document
            else f"Swagger {document.get('swagger')}"
        )
        secured = sum(item.is_secured for item in read.operations)
        yield f"# {version}: {len(read.operations)} operations, {secured} of them want a credential."
        yield f"openapi = {_quoted(survey.document_path)}"
        yield from (f"# It cannot be read in one place: {problem}" for problem in read.problems[:5])
    elif crawled:
        yield "# No OpenAPI document was found. This one holds what a crawl of links found: GETs, no schemas."
        yield "# Complete it by hand (schemas, other methods, security) and far more can be measured."
        yield f"openapi_file = {_quoted(crawled)}"
    else:
        yield "# No OpenAPI document was found, so neither operations nor schemas are known, and most of what"
        yield "# is judged per operation cannot be. A document that is served has a path; one by hand is a"
        yield "# file beside this one (paths, methods, schemas, security); `harness init --crawl` drafts one."
        yield '# openapi = "/openapi.json"'
        yield '# openapi_file = "my-service.openapi.json"'
    yield from (f"# Note: {remark}" for remark in survey.remarks)


def _endpoints(survey: Survey) -> Iterator[str]:
    yield ""
    if survey.graphql:
        yield f"graphql = {_quoted(survey.graphql)}                # it answered a query for __typename"
    else:
        yield '# graphql = "/graphql"            # none answered a query at the usual paths'
    if survey.mcp:
        yield f"mcp = {_listed(survey.mcp)}                  # it answered in JSON-RPC"
    else:
        yield '# mcp = ["/mcp"]                  # none showed itself to a GET at the usual paths'
    for kind, path in (("health", survey.health), ("metrics", survey.metrics)):
        yield f"# {kind}: {f'GET {path} answers 200' if path else 'not at a usual path'}"


def _never(found: Entrances) -> Iterator[str]:
    yield ""
    yield "# Operations that are never called with a real credential."
    if not found.ending:
        yield '# never = ["POST /logout"]         # nothing in the document looks as if it ends one'
        return
    yield "# These look as if they ended or changed the caller's own credential; add what else must not be."
    yield from _array("never", found.ending)


def _identities(survey: Survey, found: Entrances) -> Iterator[str]:
    yield ""
    yield "# Who the harness may act as. Two, so that one can be asked for what belongs to the other."
    yield "# Without a secret an identity is left out, and what needs one is reported as not measured."
    yield from _schemes(found)
    if found.roles:
        yield f'# Words for roles in the document: {", ".join(found.roles)}. For an identity: role = "..."'
    if found.logins:
        yield from _password_people(found)
        return
    if survey.read is not None:
        yield "# No operation of the document takes a password and gives a token."
    key = next((item for item in found.schemes if item.kind == "apikey" and item.place == "header"), None)
    is_bearer = any(item.kind in {"bearer", "oauth2", "openidconnect"} for item in found.schemes)
    if is_bearer or "bearer" in survey.challenge.lower():
        yield from _token_people("bearer", "")
    elif key is not None:
        yield from _token_people("api-key", key.header)
    else:
        yield from (f"# {line}" if line else "#" for line in _token_people("bearer", ""))


def _schemes(found: Entrances) -> Iterator[str]:
    for scheme in found.schemes:
        yield f"# Declared: {scheme.name} ({_kind(scheme)})"


def _kind(scheme: Scheme) -> str:
    return f"{scheme.kind}, {scheme.place} {scheme.header}" if scheme.place else scheme.kind


def _password_people(found: Entrances) -> Iterator[str]:
    login = found.logins[0]
    yield ""
    yield f"# {login.path}: {login.because}."
    yield from (f"# It might also be {item.path}: {item.because}." for item in found.logins[1:3])
    yield "[login]"
    yield f"path = {_quoted(login.path)}"
    yield f"body = {_body(login)}"
    if login.is_form:
        yield "form = true                       # fields of a form, not JSON"
    yield from (f"# its body has to have {name!r}, too" for name in login.more)
    cookie = next((item for item in found.schemes if item.kind == "apikey" and item.place == "cookie"), None)
    if login.token:
        yield f"token = {_quoted(login.token)}"
    elif cookie is not None:
        yield f"cookie = {_quoted(cookie.header)}"
    else:
        yield '# token = "access_token"          # no answer names one; cookie = "..." for a session cookie'
    if found.whoami:
        yield f"whoami = {_quoted(found.whoami[0])}"
    if found.subject:
        yield f"subject = {_quoted(found.subject)}"
    yield from _registration(found)
    for name in _PEOPLE:
        yield from _person(
            name, [f'username = "${{{name.upper()}_USERNAME:-{name}@example.test}}"'], "PASSWORD"
        )


def _registration(found: Entrances) -> Iterator[str]:
    if not found.registrations:
        yield "# No operation of the document looks like a registration: the two must exist already."
        return
    registration = found.registrations[0]
    yield f"# {registration.path} registers people ({registration.because}); for a launched target only:"
    yield f"# register_path = {_quoted(registration.path)}"
    yield f"# register_body = {_body(registration)}"
    yield from (f"# its body has to have {name!r}, too" for name in registration.more)


def _token_people(kind: str, header: str) -> Iterator[str]:
    more = [f"kind = {_quoted(kind)}", *([f"header = {_quoted(header)}"] if header else [])]
    for name in _PEOPLE:
        yield from _person(name, more, "TOKEN")


def _person(name: str, more: Iterable[str], what: str) -> Iterator[str]:
    yield ""
    yield "[[identities]]"
    yield f"name = {_quoted(name)}"
    yield from more
    yield f'secret = "${{{name.upper()}_{what}:-}}"'


def _consent(found: Entrances, survey: Survey) -> Iterator[str]:
    writes = sum(item.method not in {"GET", "HEAD", "OPTIONS"} for item in survey.operations)
    yield ""
    yield "# What may be done to it. Nothing: GET, HEAD, OPTIONS, GraphQL queries and MCP listings only."
    yield "[consent]"
    yield (
        f"# writes = true                   # {writes} declared operations write"
        if writes
        else "# writes = true"
    )
    yield "# load_rps = 20                   # requests a second that the load layer may send"
    yield "# destructive = [...]             # what destroys is sent only when it is named here:"
    yield from (f"#   {_quoted(item)}," for item in found.destructive[:_MOST_LISTED])
    if len(found.destructive) > _MOST_LISTED:
        yield f"#   and {len(found.destructive) - _MOST_LISTED} more"
    if not found.destructive:
        yield "#   (no declared operation looks as if it did)"


def _limits(survey: Survey, found: Entrances) -> Iterator[str]:
    yield ""
    yield "# What a run may cost it; a 429, or a 503 with Retry-After, makes the harness wait in any case."
    yield from (f"# It says of itself: {limit}" for limit in survey.limits)
    if found.limited:
        yield f"# {len(found.limited)} operations document 429, e.g. {found.limited[0]}."
    yield "[limits]"
    yield "# requests = 20000                # in the whole run"
    yield "# requests_per_second = 20        # of all layers together"
    yield "# seconds = 600                   # then the run ends with what it has"


def _body(item: SignIn) -> str:
    username = f'{_key(item.username)} = "{{username}}", ' if item.username else ""
    return f'{{ {username}{_key(item.password)} = "{{secret}}" }}'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _array(key: str, items: Iterable[str]) -> Iterator[str]:
    yield f"{key} = ["
    yield from (f"  {_quoted(item)}," for item in items)
    yield "]"


def _listed(items: Iterable[str]) -> str:
    return f"[{', '.join(_quoted(item) for item in items)}]"


def _one_line(text: str) -> str:
    """Keep what a target says of itself in the line that it was put in."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _quoted(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are TOML's, too."""
    return json.dumps(text, ensure_ascii=False)
