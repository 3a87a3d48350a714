"""What a decision's text says about people, kept back: names we know, and every number of a person.

Rules kept:
* The representative's or operator's name is masked wherever it stands in the text, and so are identity, mobile and bank
  card numbers and mail addresses: by the one mask of the office (``index.masking``), never by another.
* Names we do not know cannot be told from other words: departments deliver texts already free of them (B13).

Source: report layout, part two (违法事实脱敏; 不出现住址、电话、证件号); 个人信息保护法 arts. 6, 28.
"""

from index.masking import mask_persons, persons_in


def discreet(text: str, person: str | None) -> str:
    """``text`` with ``person`` (the field of the register, if known) and the numbers of persons masked."""
    return mask_persons(text, persons_in(person) if person else ())
