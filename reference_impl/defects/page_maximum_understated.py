"""Lists give longer pages than the document says."""

from reference_impl.defects.documents import Document, harmless_document, wrong_document
from reference_impl.defects.mechanism import Defect

_SIZE = "limit"
_STATED = 5


def _understated(document: Document) -> None:
    for schema in _sizes(document):
        schema |= {"maximum": _STATED, "default": _STATED}


def _told_again(document: Document) -> None:
    """The maximum stays, and the schema says in words what it is."""
    for schema in _sizes(document):
        schema["description"] = f"At most {schema['maximum']}."


def _sizes(document: Document) -> list[Document]:
    return [
        parameter["schema"]
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
        if parameter.get("name") == _SIZE
    ]


DEFECT = Defect(
    id="page-maximum-understated",
    family="contract-evolution",
    title="Lists give longer pages than the largest that the document states.",
    breaks=("api.page-maximum-enforced",),
    apply=wrong_document(_understated),
    twin=harmless_document(_told_again),
)
