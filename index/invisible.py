"""Letters and signs that show nothing although Unicode counts them as printable: they tell two equal texts apart.

Rules kept:
* Selectors of glyph variants (U+FE00–FE0F, U+E0100–E01EF) are not among them: names of people and places need them.

Source: Unicode 15.1, Default_Ignorable_Code_Point; U+2800 (braille blank) has no dots.
"""

UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"


def has_unseen(text: str) -> bool:
    """Whether something in ``text`` takes a place and shows nothing."""
    return any(map(text.__contains__, UNSEEN))


def all_seen(text: str) -> bool:
    """Whether every character of a line of text can be seen, plain spaces included."""
    return text.isprintable() and not has_unseen(text)
