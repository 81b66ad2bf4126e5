"""The example of a parameter is one that was given up."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect


def _examples(document: Document, example: str) -> None:
    (parameter,) = document["paths"]["/problems/{slug}"]["get"]["parameters"]
    parameter["schema"]["examples"] = [example]


def _given_up(document: Document) -> None:
    _examples(document, "Problem_404")


def _another(document: Document) -> None:
    _examples(document, "conflict")


DEFECT = Defect(
    id="read-example-outdated",
    family="contract-evolution",
    title="The example of a parameter is one that was given up.",
    breaks=("docs.read-examples-answered",),
    apply=wrong_document(_given_up),
    twin=harmless_document(_another),
)
