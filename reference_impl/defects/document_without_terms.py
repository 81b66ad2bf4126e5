"""The document does not say on what terms it may be used."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect


def _without(document: Document) -> None:
    document["info"].pop("license")


def _by_identifier(document: Document) -> None:
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


DEFECT = Defect(
    id="document-without-terms",
    family="contract-evolution",
    title="The document does not say on what terms it may be used.",
    breaks=("docs.information-complete",),
    apply=wrong_document(_without),
    twin=harmless_document(_by_identifier),
)
