"""Nothing is open that only the people who run the service should see.

Each place counts only with its own signature in the answer, and only where a path of the same shape that
nobody has is not answered with the same.
"""

import re
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.signals import Inconclusive

_CONFIGURATION = (
    r"\b(SECRET_KEY|DATABASE_URL|JWT_SECRET|AWS_SECRET_ACCESS_KEY|(DB|DATABASE|POSTGRES|MYSQL|REDIS)_PASSWORD)"
    r"\b\"?\s*[:=]"
    # what every process on POSIX has in its environment
    r"|\bPATH\b\"?\s*[:=]\s*\"?/[^\s\"]*bin\b"
)
_DEBUG: Mapping[str, str] = {
    "/debug/pprof/": r"goroutine|Types of profiles available",
    "/debug/vars": r"\"memstats\"",
    "/debug": _CONFIGURATION,
    "/debug/config": _CONFIGURATION,
    "/debug/env": _CONFIGURATION,
    "/env": _CONFIGURATION,
    "/config": _CONFIGURATION,
    "/actuator/env": r"\"propertySources\"",
    "/actuator/configprops": r"\"contexts\"",
    "/actuator/beans": r"\"contexts\"|\"beans\"",
    "/actuator/mappings": r"\"dispatcherServlets?\"|\"mappings\"",
    "/actuator/threaddump": r"\"threads\"",
    "/actuator/httptrace": r"\"traces\"",
    "/jolokia/version": r"\"agent\"",
    "/server-status": r"Apache Server Status|Server Version:",
    "/server-info": r"Apache Server Information",
    "/nginx_status": r"Active connections:",
    "/phpinfo.php": r"PHP Version|phpinfo\(\)",
    "/info.php": r"PHP Version|phpinfo\(\)",
    "/_profiler": r"Symfony Profiler",
    "/_debugbar/open": r"debugbar|\"utime\"",
    "/telescope": r"Laravel Telescope|<title>Telescope",
    "/rails/info/routes": r"Rails|Controller#Action",
    "/rails/info/properties": r"Rails version|Ruby version",
    "/__debug__/": r"djDebug|Django Debug Toolbar",
    "/console": r"Werkzeug|EVALEX|H2 Console|Interactive Console",
    "/h2-console": r"H2 Console",
    "/elmah.axd": r"Error Log for",
    "/trace.axd": r"Application Trace",
    "/adminer.php": r"Adminer",
    "/phpmyadmin/": r"phpMyAdmin",
}
_FILES: Mapping[str, str] = {
    "/.env": r"(?m)\A(?!\s*<)(?:.*\n)*?[A-Z][A-Z0-9_]{2,}=\S",
    "/.git/HEAD": r"\A(?:ref: refs/|[0-9a-f]{40}\s*\Z)",
    "/.git/config": r"(?m)^\[core\]",
    "/.svn/wc.db": r"\ASQLite format 3",
    "/.hg/requires": r"(?m)^(revlogv1|dotencode|store)$",
    "/.DS_Store": r"\A\x00\x00\x00\x01Bud1",
    "/.htpasswd": r"(?m)^[^:\s<]+:(\$apr1\$|\$2[aby]\$|\{SHA\})",
    "/.ssh/id_rsa": r"-----BEGIN [A-Z ]*PRIVATE KEY|\{\{secret:private-key",
    "/server.key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "/.aws/credentials": r"aws_secret_access_key",
    "/.npmrc": r"_authToken=",
    "/docker-compose.yml": r"(?m)^services:\s*$",
    "/appsettings.json": r"\"ConnectionStrings\"",
    "/web.config": r"<configuration>",
    "/wp-config.php.bak": r"DB_PASSWORD",
    "/backup.sql": r"(?m)^(CREATE TABLE|INSERT INTO|-- MySQL dump|-- PostgreSQL)",
    "/dump.sql": r"(?m)^(CREATE TABLE|INSERT INTO|-- MySQL dump|-- PostgreSQL)",
    "/db.sqlite3": r"\ASQLite format 3",
}
_FOLDERS = (
    "/static/",
    "/assets/",
    "/uploads/",
    "/files/",
    "/media/",
    "/images/",
    "/backup/",
    "/logs/",
    "/tmp/",
)
_INDEX = r"(?i)<title>\s*(index of|directory listing for|listing directory)\b"
_ANY_VERSION = re.compile(r"/v\d+(?=/|$)")
_VERSION = re.compile(r"/v([2-9])(?=/|$)")


@pytest.mark.requirement("security.debug-pages-closed")
@pytest.mark.usefixtures("known_path")
def test_no_page_for_developers_is_open(client: httpx.Client, pace: Pace) -> None:
    """No profiler, environment dump, console or status page answers somebody without credentials."""
    check_closed(_DEBUG, client, pace)


@pytest.mark.requirement("security.deployment-files-hidden")
@pytest.mark.usefixtures("known_path")
def test_no_file_of_the_deployment_is_served(client: httpx.Client, pace: Pace) -> None:
    """No file of settings, keys, version control or backup is served."""
    check_closed(_FILES, client, pace)


def check_closed(places: Mapping[str, str], client: httpx.Client, pace: Pace) -> None:
    """None of the places answers with what is known of it."""
    for path, sign in places.items():
        if pace.is_over:
            raise Inconclusive("out-of-time", f"Not asked for: {path} and those after it.")
        if not shows(client, pace, path, sign):
            continue
        sibling = f"{path.rstrip('/')}-7f3a9c"
        if shows(client, pace, sibling, sign):
            continue  # every path is answered like that
        raise AssertionError(f"GET {path} is answered with what only those who run the service should see")


def shows(client: httpx.Client, pace: Pace, path: str, sign: str) -> bool:
    """Whether a path is answered with 200 and a signature."""
    answer = pace.ask(client, "GET", path)
    return answer.status_code == 200 and re.search(sign, answer.text[:200_000]) is not None


@pytest.mark.requirement("security.old-versions-guarded")
def test_an_older_version_asks_for_credentials_too(
    *,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    path_of: Callable[[Operation], str],
    client: httpx.Client,
    pace: Pace,
) -> None:
    """What a version guards is not open in an older one beside it."""
    asked = 0
    for operation in pace.some(each for each in operations if each.method == "GET" and each.is_secured):
        path = path_of(operation)
        if pace.ask(client, "GET", path).status_code not in {401, 403}:
            continue
        asked += 1
        for older in older_paths(path, target.path_prefix):
            answer = pace.ask(client, "GET", older)
            is_open = answer.is_success and body_of(answer) is not None
            if is_open and not pace.ask(client, "GET", f"{older.partition('?')[0]}-7f3a9c").is_success:
                raise AssertionError(
                    f"GET {older} answered {answer.status_code} without credentials; GET {path} refuses it"
                )
    if not asked:
        raise Inconclusive("nothing-guarded", f"{target.target} was not seen to guard any declared read.")


def older_paths(path: str, prefix: str) -> Iterator[str]:
    """Yield the same path in every older version, newest first; where none is named, in a first one."""
    found = _VERSION.search(path)
    if found is None:
        if not _ANY_VERSION.search(path):
            local = path.removeprefix(prefix)
            first, _, rest = local.removeprefix("/").partition("/")
            below = (f"{prefix}/{first}/v1/{rest}",) if rest else ()
            yield from dict.fromkeys((f"{prefix}/v1{local}", f"/v1{local}", *below))
    else:
        for number in range(int(found[1]) - 1, 0, -1):
            yield f"{path[: found.start(1)]}{number}{path[found.end(1) :]}"


@pytest.mark.requirement("security.trace-disabled")
@pytest.mark.writes  # TRACE is safe by its definition, but reading is what a URL consents to
def test_trace_gives_nothing_back(client: httpx.Client, known_path: str, pace: Pace) -> None:
    """TRACE is not answered with the request, whose headers may hold what a page must not read."""
    answer = pace.ask(client, "TRACE", known_path, headers={"X-Harness-Trace": "q7f3a9c"})

    assert not (answer.is_success and "q7f3a9c" in answer.text), f"TRACE {known_path} gave the headers back"


@pytest.mark.requirement("security.directory-listings-off")
@pytest.mark.usefixtures("known_path")
def test_no_folder_lists_its_files(client: httpx.Client, pace: Pace) -> None:
    """No usual folder is answered with an index of its files."""
    check_closed(dict.fromkeys(_FOLDERS, _INDEX), client, pace)
