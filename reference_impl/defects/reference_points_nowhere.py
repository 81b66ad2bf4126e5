"""The document refers to a schema that it does not hold."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect

_SCHEMAS = "#/components/schemas/"


def _dangling(document: Document) -> None:
    content = document["paths"]["/api/hub/queues"]["get"]["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"$ref": f"{_SCHEMAS}QueuesShown"}


def _extended(document: Document) -> None:
    document["info"]["x-audience"] = "company-internal"


DEFECT = Defect(
    id="reference-points-nowhere",
    family="contract-evolution",
    title="The document refers to a schema that it does not hold.",
    breaks=("docs.openapi-valid",),
    apply=wrong_document(_dangling),
    twin=harmless_document(_extended),
)
