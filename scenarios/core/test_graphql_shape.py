"""Whatever GraphQL answers has the types and the nullability that the published schema promises."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema

from harness.core.resources import resource
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.core_profile import GraphQL
from harness.layers.scenarios.expect import member
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.graphql_shape import mismatches
from harness.layers.scenarios.signals import Inconclusive, baseline

_DOCUMENT = "__typename id title format size digest createdAt extractedAt content chapterCount"
_CHAPTER = "__typename id title number level position heading body words document { id } parent { id level }"
_PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
_ERRORS = "userErrors { code field message }"
_EITHER = f"__typename id ... on Document {{ {_DOCUMENT} }} ... on Chapter {{ {_CHAPTER} }}"
_UPLOAD = f"""
mutation ($title: String!, $content: String!) {{
  uploadDocument(title: $title, content: $content, format: MARKDOWN) {{
    document {{ {_DOCUMENT} }} {_ERRORS}
  }}
}}"""
_CONTENT = "# One\n\nText of one.\n\n## 1.1 Within\n\nMore.\n\n# Two\n\nText of two.\n"
_OPERATIONS: Mapping[str, str] = {
    "Mutation.extractChapters": f"""
      mutation ($id: ID!) {{
        extractChapters(input: {{documentId: $id}}) {{ document {{ {_DOCUMENT} }} {_ERRORS} }}
      }}""",
    "Query.documents": f"""
      {{ documents(first: 5) {{ totalCount edges {{ cursor node {{ {_DOCUMENT} }} }} {_PAGE_INFO} }} }}""",
    "Query.document": f"query ($id: ID!) {{ document(id: $id) {{ {_DOCUMENT} }} }}",
    "Query.chapters": f"""
      query ($id: ID!) {{
        chapters(documentId: $id, first: 2) {{
          totalCount edges {{ cursor node {{ {_CHAPTER} }} }} {_PAGE_INFO}
        }}
      }}""",
    "Query.node": f"query ($id: ID!) {{ node(id: $id) {{ {_EITHER} }} }}",
    "Query.nodes": f"query ($id: ID!) {{ nodes(ids: [$id]) {{ {_EITHER} }} }}",
    "Mutation.deleteDocument": f"mutation ($id: ID!) {{ deleteDocument(id: $id) {{ deletedId {_ERRORS} }} }}",
}


@pytest.fixture
def schema(target: ScenarioContext) -> GraphQLSchema:
    """The published schema."""
    if not target.graphql_schema:
        raise Inconclusive("no-published-schema", "The target file names no GraphQL schema.")
    path = Path(target.graphql_schema)
    return build_schema((path if path.is_file() else resource(str(path))).read_text(encoding="utf-8"))


@pytest.mark.requirement("graphql.responses-match-schema", "Mutation.uploadDocument", *_OPERATIONS)
def test_answers_have_the_types_of_the_published_schema(
    graphql: GraphQL, schema: GraphQLSchema, judged: Judged
) -> None:
    """Every field of every operation is of its type, and null only where the schema lets it be."""
    members = {"title": "Shapes", "content": _CONTENT}
    uploaded = graphql.ask(_UPLOAD, **members)
    with judged("Mutation.uploadDocument"):
        check_shape(schema, _UPLOAD, uploaded)
    with baseline("nothing-uploaded"):
        document = member(uploaded, "data", "uploadDocument", "document", "id")
    for subject, operation in _OPERATIONS.items():
        variables = {"id": document} if "$id" in operation else {}
        with judged(subject):
            check_shape(schema, operation, graphql.ask(operation, **variables))


def check_shape(schema: GraphQLSchema, operation: str, answer: Mapping[str, object]) -> None:
    """The answer to an operation that should succeed holds what the schema promises."""
    with baseline("not-answered"):
        assert not answer.get("errors"), f"the operation is refused: {answer.get('errors')}"
    seen = list(mismatches(schema, operation, answer.get("data")))
    assert not seen, "; ".join(seen[:3])
