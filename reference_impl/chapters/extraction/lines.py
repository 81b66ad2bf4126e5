"""Lines with their ends, as Markdown counts them: LF, CRLF and CR, nothing else."""

import re
from collections.abc import Sequence

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def split_lines(text: str) -> Sequence[str]:
    """Cut the text into lines; joined they are the text again."""
    return _LINE.findall(text)
