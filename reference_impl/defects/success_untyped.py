"""The document does not say what a success holds."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect


def _content(document: Document) -> Document:
    found: Document = document["paths"]["/api/hub/channels"]["get"]["responses"]["200"]["content"]
    return found


def _untyped(document: Document) -> None:
    _content(document)["application/json"]["schema"] = {}


def _described(document: Document) -> None:
    schema = _content(document)["application/json"]["schema"]
    _content(document)["application/json"]["schema"] = {**schema, "description": "Every channel."}


DEFECT = Defect(
    id="success-untyped",
    family="contract-evolution",
    title="The document does not say what a success holds.",
    breaks=("testing.responses-typed",),
    apply=wrong_document(_untyped),
    twin=harmless_document(_described),
)
