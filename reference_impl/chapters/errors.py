"""The problems of chapter extraction; inside GraphQL they become errors with a code.

Problem
├── InvalidPage 422      ├── DocumentInvalid 422
└── NoSuchDocument 404
"""

from reference_impl.kit.problem import FieldError, NotFound, Unprocessable


class InvalidPage(Unprocessable):
    """first, last, after or before make no sense."""

    slug = "invalid-page"
    title = "The page asked for makes no sense"


class DocumentInvalid(Unprocessable):
    """The upload is refused; `field` says which argument."""

    slug = "document-invalid"
    title = "The document is refused"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, errors=(FieldError(pointer=f"/{field}", detail=detail),))
        self.field = field


class NoSuchDocument(NotFound):
    """No document of that id that the caller may see."""

    slug = "no-such-document"
    title = "There is no such document"

    def __init__(self) -> None:
        super().__init__("No document of yours has this id.")
