"""Target files: what they say becomes types, what they get wrong is named."""

from pathlib import Path

import pytest

from harness.core.errors import TargetFileProblem
from harness.core.layer import Layer
from harness.core.requirement import Profile
from harness.core.target import CredentialKind, DependencyKind
from harness.target.file import load_target

WHOLE = """
name = "shop"
profile = "core"
base_url = "http://127.0.0.1:{port}/"
openapi = "/openapi.json"
mcp = ["/mcp/x"]
never = ["POST /logout-all"]
capabilities = ["metrics"]

[launch.processes.server]
command = ["{python}", "server.py", "--port", "{port}"]
ready = "/health"
env = { REDIS_URL = "{dependencies.redis.url}", WHO = "${WHO:-me}" }
[launch.processes.server.layer_env]
fuzz = { LIMIT = "off" }
[launch.processes.worker]
command = ["{python}", "worker.py"]
layers = ["scenarios", "chaos"]

[dependencies.redis]
kind = "valkey"
[dependencies.mail]
kind = "container"
image = "mailpit"
port = 1025
[stubs.brave]
module = "brave"

[login]
path = "/auth/login"
body = { email = "{username}", password = "{secret}" }
subject = "user.id"
[login.grant]
by = "root"
path = "/users/{subject}/roles"
body = '{"roles": ["{role}"]}'

[[identities]]
name = "root"
username = "root@example.test"
[[identities]]
name = "robot"
kind = "bearer"
secret = "${ROBOT_TOKEN}"

[consent]
writes = true
load_rps = 200
[claims]
api_design = { score = 9, level = "advanced" }
[[exemptions]]
requirement = "security.headers-set"
owner = "platform"
reason = "a proxy sets them"
expires = 2027-01-31
"""


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "target.toml"
    path.write_text(text)
    return str(path)


def test_every_table_of_a_file_becomes_a_type(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, WHOLE), {"ROBOT_TOKEN": "t0ken"})

    assert target.profile is Profile.CORE
    assert target.base_url == "http://127.0.0.1:{port}"
    assert target.is_launched
    assert [process.name for process in target.processes] == ["server", "worker"]
    assert target.processes[0].env == {"REDIS_URL": "{dependencies.redis.url}", "WHO": "me"}
    assert target.processes[0].layer_env["fuzz"] == {"LIMIT": "off"}
    assert all(target.processes[0].is_for(layer) for layer in Layer)
    assert [layer for layer in Layer if target.processes[1].is_for(layer)] == [Layer.SCENARIOS, Layer.CHAOS]
    assert [item.kind for item in target.dependencies] == [DependencyKind.VALKEY, DependencyKind.CONTAINER]
    assert target.identities[1].secret == "t0ken"
    assert target.identities[1].kind is CredentialKind.BEARER
    assert target.identities[0].login is not None
    assert target.identities[0].login.grant is not None
    assert target.consent.writes
    assert not target.consent.faults
    assert target.claims["api_design"].score == 9
    assert target.exemptions[0].expires == "2027-01-31"
    assert target.exemptions[0].subject == "*"


def test_an_identity_of_a_launched_target_gets_a_password_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)

    first = load_target(path, {"ROBOT_TOKEN": "x"}).identities[0].secret
    second = load_target(path, {"ROBOT_TOKEN": "x"}).identities[0].secret

    assert len(first) > 20
    assert first != second


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("openapi =", "openapy =", r"unknown key 'openapy'\n  Did you mean 'openapi'"),
        ('kind = "valkey"', 'kind = "valky"', r"dependencies.redis.kind is 'valky'\n  Did you mean 'valkey'"),
        (
            "fuzz = {",
            "fuz = {",
            r"unknown key 'launch.processes.server.layer_env.fuz'\n  Did you mean 'fuzz'",
        ),
        (
            '"scenarios", "chaos"',
            '"scenario"',
            r"launch.processes.worker.layers holds 'scenario'\n  Did you mean 'scenarios'",
        ),
        (
            "[launch.processes.server.layer_env]",
            'preload = "json"\n[launch.processes.server.layer_env]',
            "launch.processes.server.preload is for a command that begins with {python} -m",
        ),
        ("writes = true", 'writes = "yes"', "consent.writes must be true or false"),
        ("api_design =", "api =", "claims.api is no area"),
        ("score = 9", "score = 12", "claims.api_design.score is 12"),
        ("port = 1025", "", "dependencies.mail.port is missing"),
        ('by = "root"', 'by = "nobody"', "'nobody', who is no identity"),
        ("[stubs.brave]", "[stubs.redis]", "'redis' is there twice"),
        ("2027-01-31", '"soon"', "Write a day"),
        ("{port}/", "", "names no {port}"),
        ("[consent]", "[consent", "cannot be read"),
        ("/users/{subject}", "${NOT_SET}", "names .*NOT_SET.*, which is not set"),
    ],
)
def test_what_a_file_gets_wrong_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE

    with pytest.raises(TargetFileProblem, match=message):
        load_target(written(tmp_path, WHOLE.replace(old, new, 1)), {"ROBOT_TOKEN": "x"})


def test_a_file_says_only_what_differs_from_the_one_it_extends(tmp_path: Path) -> None:
    (tmp_path / "whole.toml").write_text(WHOLE)
    text = """
        extends = "whole.toml"
        name = "outlet"
        mcp = []
        [dependencies.db]
        kind = "postgres"
        [launch.setup.migrate]
        command = ["{python}", "migrate.py"]
        [launch.processes.server.env]
        DATABASE_URL = "{dependencies.db.url}"
        [[identities]]
        name = "root"
        secret = "of a machine"
        kind = "bearer"
    """

    target = load_target(written(tmp_path, text), {})

    assert (target.name, target.profile, target.mcp) == ("outlet", Profile.CORE, ())
    assert [item.name for item in target.dependencies] == ["redis", "mail", "db"]
    assert target.processes[0].env["REDIS_URL"] == "{dependencies.redis.url}"
    assert target.processes[0].env["DATABASE_URL"] == "{dependencies.db.url}"
    assert [step.command for step in target.setup] == [("{python}", "migrate.py")]
    # A list is replaced, so nobody needs the variable that only the robot's secret names.
    assert [item.name for item in target.identities] == ["root"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "target.toml"', "extends itself"),
        ('extends = "nowhere.toml"', "nowhere.toml: cannot be read"),
        ("extends = 1", "extends is no text"),
        ('extends = "whole.toml"\nnaem = "x"', "unknown key 'naem'"),
        (
            'extends = "whole.toml"\n[launch.setup.x]\ncommand = ["x"]\nready = "/x"',
            "unknown key 'launch.setup.x.ready'",
        ),
    ],
)
def test_an_extension_that_does_not_work_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "whole.toml").write_text(WHOLE)

    with pytest.raises(TargetFileProblem, match=message):
        load_target(written(tmp_path, text), {"ROBOT_TOKEN": "x"})


def test_an_unset_variable_without_default_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetFileProblem, match="ROBOT_TOKEN"):
        load_target(written(tmp_path, WHOLE), {})


def test_a_url_alone_consents_to_reads_only() -> None:
    target = load_target("https://staging.example/api/", {})

    assert target.base_url == "https://staging.example/api"
    assert target.name == "staging.example"
    assert not target.consent.writes
    assert not target.is_launched


def test_a_url_of_a_document_names_the_service_and_the_document() -> None:
    target = load_target("http://127.0.0.1:8000/v3/openapi.json", {})

    assert target.base_url == "http://127.0.0.1:8000"
    assert target.openapi == "/v3/openapi.json"


def test_a_missing_file_says_what_may_be_named() -> None:
    with pytest.raises(TargetFileProblem, match="Name a target file"):
        load_target("no-such-target", {})
