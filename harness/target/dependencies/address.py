"""A dependency that runs already, by its URL; the target still reaches it through a fault proxy."""

from urllib.parse import urlsplit, urlunsplit

from harness.core.errors import TargetFileProblem
from harness.core.target import Dependency
from harness.target.dependencies.started import Place, Started

_PORTS = {
    "redis": 6379, "rediss": 6379, "postgresql": 5432, "postgres": 5432, "amqp": 5672, "http": 80,
    "https": 443, "smtp": 25, "mysql": 3306, "mongodb": 27017,
}  # fmt: skip


def start(dependency: Dependency, place: Place) -> Started:
    """Take host and port out of the URL; nothing is started."""
    parts = urlsplit(dependency.url)
    port = parts.port or _PORTS.get(parts.scheme)
    if not parts.hostname or port is None:
        raise TargetFileProblem(
            None,
            f"dependencies.{dependency.name}.url names no host and port",
            remedy="Write e.g. redis://127.0.0.1:6379/0.",
        )
    if parts.password:
        place.redactor.learn(parts.password, kind="password")
    credentials, at, _ = parts.netloc.rpartition("@")
    url = urlunsplit(parts._replace(netloc=f"{credentials}{at}{{address}}"))
    return Started(host=parts.hostname, port=port, url=url, stop=lambda: None)
