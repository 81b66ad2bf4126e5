"""A guarded operation does not document that it refuses strangers."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect

_PATH = "/api/hub/queues"


def _open(document: Document) -> None:
    document["paths"][_PATH]["get"]["responses"].pop("401")


def _in_general(document: Document) -> None:
    """A whole class of statuses says the same."""
    responses = document["paths"][_PATH]["get"]["responses"]
    responses["4XX"] = responses.pop("401")


DEFECT = Defect(
    id="refusal-undocumented",
    family="contract-evolution",
    title="A guarded operation does not document that it refuses strangers.",
    breaks=("docs.errors-documented",),
    apply=wrong_document(_open),
    twin=harmless_document(_in_general),
)
