"""Finds in a text what its reader does not see, or what speaks to a model instead of about a tool."""

import re
import unicodedata
from collections.abc import Iterator

#: Control and format characters that no description needs; a joiner between emoji is no secret.
_ALLOWED = frozenset("\n\r\t\u200d\ufe0f\u00ad")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn"})
_COMMANDS = (
    r"ignore (?:all |any |the )*(?:previous|prior|above|other) (?:instructions|rules|prompts|tools)",
    r"disregard (?:all |any |the )*(?:previous|prior|above|other)",
    r"do not (?:tell|inform|mention|reveal|show|notify)\b[^.]{0,40}\b(?:the )?user",
    r"don'?t (?:tell|inform|mention|reveal|show|notify)\b[^.]{0,40}\b(?:the )?user",
    r"without (?:telling|informing|notifying|asking) the user",
    r"<\s*(?:important|system|secret|instructions?|hidden)\s*>",
    r"(?:read|send|include|pass|append|copy) [^.\n]{0,45}(?:~/\.|\.ssh|id_rsa|\.env\b|/etc/passwd)",
    r"(?:system|developer) prompt",
    r"<!--",
)  # fmt: skip
_COMMAND = re.compile("|".join(_COMMANDS), re.IGNORECASE)


def hidden_in(text: str) -> Iterator[str]:
    """Yield what is hidden in a text or commands its reader, a sentence each."""
    hidden = sorted(
        {
            f"U+{ord(each):04X}"
            for each in text
            if each not in _ALLOWED and unicodedata.category(each) in _HIDDEN
        }
    )
    if hidden:
        yield f"invisible characters ({', '.join(hidden[:5])})"
    if (match := _COMMAND.search(text)) is not None:
        yield f"words that command its reader: {match[0]!r}"
