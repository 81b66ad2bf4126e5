"""The wire types of search."""

from pydantic import Field

from reference_impl.kit.model import Integer, Wire
from reference_impl.search.models import Answer, Hit, Kind, Source


class HitOut(Wire):
    """One result."""

    title: str
    url: str
    description: str
    age: str | None = Field(description="How old the page is, in the upstream's words.")

    @classmethod
    def of(cls, hit: Hit) -> "HitOut":
        return cls(title=hit.title, url=hit.url, description=hit.description, age=hit.age)


class SearchOut(Wire):
    """Results, and where they come from."""

    kind: Kind
    query: str
    results: list[HitOut]
    source: Source = Field(description="`brave` is fresh, `stale-cache` is earlier, `degraded` is empty.")
    degraded: bool = Field(description="Whether the upstream could not be asked.")
    reason: str | None = Field(description="Why the answer is not fresh.")
    age_seconds: Integer = Field(ge=0, description="How old the answer is.")

    @classmethod
    def of(cls, answer: Answer) -> "SearchOut":
        return cls(
            kind=answer.query.kind,
            query=answer.query.text,
            results=[HitOut.of(hit) for hit in answer.hits],
            source=answer.source,
            degraded=answer.is_degraded,
            reason=answer.reason,
            age_seconds=answer.age_seconds,
        )
