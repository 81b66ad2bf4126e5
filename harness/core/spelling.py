"""Every way a known secret may be written down: raw, URL-encoded, escaped in JSON or HTML, in base64."""

import base64
import html
import re
from collections.abc import Iterator

#: A shorter secret is only recognised as a whole word: "admin" inside "administrator" is none.
WHOLE_WORD_BELOW = 8
#: Anything shorter than this cannot be told from ordinary text.
SHORTEST = 3

_SHORT_ESCAPES = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]+")
_FIRST_OWN_CHARACTER = (0, 2, 3)  # of a base64 text that starts 0, 1 or 2 bytes before the secret


def pattern_of(secret: str) -> str:
    """Return one regular expression that matches each spelling of the secret."""
    plain = "".join(_character(character) for character in secret)
    if len(secret) < WHOLE_WORD_BELOW:
        plain = rf"(?<![A-Za-z0-9]){plain}(?![A-Za-z0-9])"
    encoded = ("".join(_base64_character(character) for character in text) for text in _base64(secret))
    return "|".join((plain, *encoded))


def cores_of(secret: str) -> tuple[str, ...]:
    """Return plain texts of which every spelling contains one: a search for them is a cheap first look."""
    return tuple(
        max(_LETTERS_AND_DIGITS.findall(text), key=len, default="") for text in (secret, *_base64(secret))
    )


def _character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    percent = "".join(f"%{_hex(f'{byte:02x}')}" for byte in character.encode("utf-8", "surrogateescape"))
    options = [rf"\\*{re.escape(character)}", percent]
    if character == " ":
        options.append(r"\+")
    if (escaped := html.escape(character)) != character:
        options.append(re.escape(escaped))
    if (letter := _SHORT_ESCAPES.get(character)) is not None:
        options.append(rf"\\+{letter}")
    if not character.isascii() or not character.isprintable():
        units = character.encode("utf-16-be", "surrogatepass").hex()
        options.append("".join(rf"\\+u{_hex(units[at : at + 4])}" for at in range(0, len(units), 4)))
    return f"(?:{'|'.join(options)})"


def _hex(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _base64(secret: str) -> Iterator[str]:
    """Yield what a base64 text contains wherever in the encoded bytes the secret begins."""
    if len(secret) < WHOLE_WORD_BELOW - 2:
        return
    raw = secret.encode("utf-8", "surrogateescape")
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        yield encoded[_FIRST_OWN_CHARACTER[offset] : (offset + len(raw)) * 8 // 6]


def _base64_character(character: str) -> str:
    match character:
        case "+":
            return r"(?:\+|-|%2[Bb])"
        case "/":
            return r"(?:\\*/|_|%2[Ff])"
        case _:
            return character
