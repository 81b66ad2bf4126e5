"""A page has as many items as the client asks for."""

from reference_impl.chapters.paging import PageBounds
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.paging import MAX_PAGE_SIZE
from reference_impl.kit.policies import PolicyTable, Probe

_PLENTY = 1_000_000


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: PageBounds = policies["chapters.page_bounds"]

    def unbounded(first: int | None, last: int | None) -> tuple[int, bool]:
        asked = first if last is None else last
        if asked is None or asked <= MAX_PAGE_SIZE:
            return right(first, last)
        probe.reached()
        probe.triggered()
        return min(asked, _PLENTY), last is not None

    policies.replace("chapters.page_bounds", unbounded)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Who asks for too many gets the most that there is, and not a refusal."""
    right: PageBounds = policies["chapters.page_bounds"]

    def capped(first: int | None, last: int | None) -> tuple[int, bool]:
        probe.reached()
        most = (None if each is None else min(each, MAX_PAGE_SIZE) for each in (first, last))
        return right(*most)

    policies.replace("chapters.page_bounds", capped)


DEFECT = Defect(
    id="page-size-unbounded",
    family="owasp-api",
    title="A page of chapters has as many items as the client asks for.",
    breaks=("api.page-size-bounded",),
    apply=_apply,
    twin=_twin,
)
