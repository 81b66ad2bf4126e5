"""An operation of the document does not say what it does."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect

_PATH = "/api/hub/queues"


def _silent(document: Document) -> None:
    operation = document["paths"][_PATH]["get"]
    for name in ("summary", "description"):
        operation.pop(name, None)


def _by_description(document: Document) -> None:
    """One of the two is enough."""
    document["paths"][_PATH]["get"].pop("summary")


DEFECT = Defect(
    id="operation-undescribed",
    family="contract-evolution",
    title="An operation of the document does not say what it does.",
    breaks=("docs.operations-described",),
    apply=wrong_document(_silent),
    twin=harmless_document(_by_description),
)
