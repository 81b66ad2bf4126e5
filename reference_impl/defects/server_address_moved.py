"""The document states a base path at which there is nothing."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect


def _moved(document: Document) -> None:
    document["servers"] = [{"url": "/platform/v9"}]


def _relative(document: Document) -> None:
    document["servers"] = [{"url": "/", "description": "This deployment."}]


DEFECT = Defect(
    id="server-address-moved",
    family="contract-evolution",
    title="The document states a base path at which there is nothing.",
    breaks=("docs.server-address-true",),
    apply=wrong_document(_moved),
    twin=harmless_document(_relative),
)
