"""The document describes an operation that is not there."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect


def _planned(document: Document) -> None:
    queues = document["paths"]["/api/hub/queues"]["get"]
    document["paths"]["/api/hub/statistics"] = {"get": {**queues, "operationId": "getStatistics"}}


def _in_another_order(document: Document) -> None:
    document["paths"] = dict(reversed(list(document["paths"].items())))


DEFECT = Defect(
    id="operation-only-documented",
    family="contract-evolution",
    title="The document describes an operation that is not there.",
    breaks=("docs.operations-implemented",),
    apply=wrong_document(_planned),
    twin=harmless_document(_in_another_order),
)
