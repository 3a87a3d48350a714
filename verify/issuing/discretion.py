"""What a decision's text says about people, kept back: names we know, identity numbers, telephone numbers.

Rules kept:
* The representative's or operator's name is masked wherever it stands in the text, by the one mask of the office.
* Identity numbers (18 digits with a date of birth inside) and mobile numbers are masked wherever they stand.
* Names we do not know cannot be told from other words: departments deliver texts already free of them (B13).

Source: report layout, part two (违法事实脱敏; 不出现住址、电话、证件号); 个人信息保护法 arts. 6, 28.
"""

import re

from index.masking import mask_id, mask_name

_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9A-Za-z])"
)
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")


def discreet(text: str, person: str | None) -> str:
    """``text`` with ``person`` (a full name, if known), identity numbers and mobile numbers masked."""
    if person and len(person) > 1:
        text = text.replace(person, mask_name(person))
    text = _IDENTITY.sub(lambda found: mask_id(found[0]), text)
    return _MOBILE.sub(lambda found: f"{found[0][:3]}********", text)
