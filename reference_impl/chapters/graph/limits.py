"""How much one GraphQL document may ask for, measured before it is validated or run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a document asks for with its fragments filled in."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def beside(self, other: "Measure") -> "Measure":
        return Measure(
            depth=max(self.depth, other.depth),
            fields=self.fields + other.fields,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
        )


class QueryLimits(Protocol):
    """The reason to refuse a document, or None."""

    def __call__(self, measure: Measure) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedLimits:
    """Refuse what is deeper or larger than any client of this schema needs."""

    depth: int = 15  # what the standard introspection query needs
    fields: int = 300
    aliases: int = 15
    directives: int = 20

    def __call__(self, measure: Measure) -> str | None:
        if measure.depth > self.depth:
            return f"The document is nested deeper than {self.depth} levels."
        if measure.fields > self.fields:
            return f"The document asks for more than {self.fields} fields."
        if measure.aliases > self.aliases:
            return f"The document has more than {self.aliases} aliases."
        if measure.directives > self.directives:
            return f"The document has more than {self.directives} directives."
        return None


def measure(document: DocumentNode) -> Measure:
    """Measure the heaviest operation; fragments count where they are spread, once per spread."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    counter = _Counter(fragments)
    total = Measure()
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            own = Measure(directives=len(definition.directives or ()))
            total = total.beside(counter.selections(definition.selection_set).beside(own))
    return total


class _Counter:
    """Counts selections; a fragment is counted once and remembered, so nested spreads stay cheap."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Measure] = {}

    def selections(self, selections: SelectionSetNode | None) -> Measure:
        total = Measure()
        for node in selections.selections if selections else ():
            own = Measure(directives=len(node.directives or ()))
            match node:
                case FieldNode():
                    total = total.beside(self._field(node)).beside(own)
                case InlineFragmentNode():
                    total = total.beside(self.selections(node.selection_set)).beside(own)
                case FragmentSpreadNode():
                    total = total.beside(self._fragment(node.name.value)).beside(own)
        return total

    def _field(self, node: FieldNode) -> Measure:
        inside = self.selections(node.selection_set)
        return Measure(
            depth=inside.depth + 1,
            fields=inside.fields + 1,
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
        )

    def _fragment(self, name: str) -> Measure:
        if name not in self._known:
            self._known[name] = Measure()  # a cycle counts as nothing here; validation refuses it
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.selections(fragment.selection_set)
        return self._known[name]
