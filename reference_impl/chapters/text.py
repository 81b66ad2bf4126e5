"""Which text every store can hold."""


def is_storable(text: str) -> bool:
    """No NUL, and no half of a surrogate pair."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False
