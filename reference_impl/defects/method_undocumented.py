"""The document does not tell of one of the methods that a resource has."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect

_PATH = "/graphql"


def _untold(document: Document) -> None:
    document["paths"][_PATH].pop("post")


def _in_another_order(document: Document) -> None:
    document["paths"][_PATH] = dict(reversed(list(document["paths"][_PATH].items())))


DEFECT = Defect(
    id="method-undocumented",
    family="contract-evolution",
    title="The document does not tell of one of the methods that a resource has.",
    breaks=("docs.operations-complete",),
    apply=wrong_document(_untold),
    twin=harmless_document(_in_another_order),
)
