"""A parameter that nobody can guess has no example."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect


def _slug(document: Document) -> Document:
    (parameter,) = document["paths"]["/problems/{slug}"]["get"]["parameters"]
    found: Document = parameter
    return found


def _without(document: Document) -> None:
    _slug(document)["schema"].pop("examples")


def _elsewhere(document: Document) -> None:
    """The example stands beside the schema, not in it."""
    parameter = _slug(document)
    parameter["example"] = parameter["schema"].pop("examples")[0]


DEFECT = Defect(
    id="parameter-without-example",
    family="contract-evolution",
    title="A parameter that nobody can guess has no example.",
    breaks=("docs.examples-given",),
    apply=wrong_document(_without),
    twin=harmless_document(_elsewhere),
)
