"""The file with the settings of the deployment can be fetched."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_pages, page, wrong_pages
from reference_impl.kit.asgi import Scope

_SETTINGS = "CORE_REDIS_URL=redis://127.0.0.1:6379/0\nCORE_PUBLIC_URL=http://127.0.0.1:8000\n"


def _settings(_scope: Scope) -> Answer:
    return page(_SETTINGS)


def _contact(_scope: Scope) -> Answer:
    return page("Contact: mailto:operators@example.org\nExpires: 2099-01-01T00:00:00.000Z\n")


DEFECT = Defect(
    id="environment-file-served",
    family="owasp-api",
    title="The file with the settings of the deployment can be fetched.",
    breaks=("security.deployment-files-hidden",),
    apply=wrong_pages(at("GET", "/.env"), _settings),
    twin=harmless_pages(at("GET", "/.well-known/security.txt"), _contact),
)
