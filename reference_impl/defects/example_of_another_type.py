"""An example of the document has a member of the wrong type."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect


def _example(document: Document) -> Document:
    content = document["paths"]["/api/circuit-breakers/breakers"]["post"]["requestBody"]["content"]
    found: Document = content["application/json"]["example"]
    return found


def _mistyped(document: Document) -> None:
    _example(document)["name"] = 7


def _another(document: Document) -> None:
    _example(document)["name"] = "shipping"


DEFECT = Defect(
    id="example-of-another-type",
    family="contract-evolution",
    title="An example of the document has a member of the wrong type.",
    breaks=("testing.examples-valid",),
    apply=wrong_document(_mistyped),
    twin=harmless_document(_another),
)
