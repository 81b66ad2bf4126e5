"""An issuer whose name begins like the right one is taken for it."""

from reference_impl.defects.issuers import also_accepting, by_former_name
from reference_impl.defects.mechanism import Defect

DEFECT = Defect(
    id="jwt-issuer-by-prefix",
    family="jwt",
    title="An issuer whose name begins like the right one is accepted.",
    breaks=("auth.jwt-issuer-checked",),
    apply=also_accepting(lambda issuer, expected: issuer.startswith(expected)),
    twin=by_former_name,
)
