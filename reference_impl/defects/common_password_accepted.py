"""A password that is on everybody's list is accepted."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.passwords import in_other_words, without_objection

DEFECT = Defect(
    id="common-password-accepted",
    family="owasp-api",
    title="A password that is on everybody's list is accepted.",
    breaks=("auth.weak-password-refused", "security.common-passwords-refused"),
    apply=without_objection("common"),
    twin=in_other_words,
)
