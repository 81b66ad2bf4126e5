"""A token that names another issuer, or signs itself with no name, is accepted."""

from reference_impl.defects.issuers import also_accepting, by_former_name
from reference_impl.defects.mechanism import Defect

DEFECT = Defect(
    id="jwt-issuer-ignored",
    family="jwt",
    title="A token that names another issuer is accepted.",
    breaks=("auth.jwt-issuer-checked",),
    apply=also_accepting(lambda _issuer, _expected: True),
    twin=by_former_name,
)
