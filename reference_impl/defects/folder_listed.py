"""A folder is answered with the list of its files."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_pages, page, wrong_pages
from reference_impl.kit.asgi import Scope

_FOLDER = at("GET", "/uploads/")


_HTML = "text/html; charset=utf-8"


def _listed(scope: Scope) -> Answer:
    rows = "".join(f'<a href="{name}">{name}</a>\n' for name in ("contract.pdf", "salaries.xlsx"))
    return page(f"<title>Index of {scope['path']}</title>\n{rows}", _HTML)


def _written(_scope: Scope) -> Answer:
    return page(
        "<title>Uploads</title>\n<p>Uploads are made through the API.</p>", "text/html; charset=utf-8"
    )


DEFECT = Defect(
    id="folder-listed",
    family="owasp-api",
    title="A folder is answered with the list of its files.",
    breaks=("security.directory-listings-off",),
    apply=wrong_pages(_FOLDER, _listed),
    twin=harmless_pages(_FOLDER, _written),
)
