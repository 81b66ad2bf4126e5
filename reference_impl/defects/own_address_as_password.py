"""An account's own address is accepted as its password."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.passwords import in_other_words, without_objection

DEFECT = Defect(
    id="own-address-as-password",
    family="owasp-api",
    title="An account's own address is accepted as its password.",
    breaks=("auth.weak-password-refused",),
    apply=without_objection("e-mail address"),
    twin=in_other_words,
)
