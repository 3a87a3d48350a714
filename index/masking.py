"""The one mask for natural persons, the same everywhere: two different masks of one name can be spliced together.

Rules kept:
* A name keeps its surname; every other character becomes ``*``: 张三 → 张*, 欧阳文忠 → 欧阳**.
* A name that is not two to four Chinese characters keeps its first character and gets two stars.
* An identity number keeps its first three characters and its last one.

Source: 个人信息保护法 arts. 6, 28; inventory, conventions (name 张*/欧阳**, ID first 3 last 1).
"""

import re

_COMPOUND_SURNAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|"
    "仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|乐正|宰父|谷梁|拓跋|夹谷|轩辕|令狐|段干|"
    "百里|呼延|东郭|羊舌|微生|左丘|西门|第五|公乘|达奚|纳兰"
)
_CHINESE_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{2,4}")
_SEPARATOR = re.compile(r"([、,，;；/])")


def mask_name(name: str) -> str:
    """A person's name, masked; several names joined by 、 or a comma are masked one by one. Empty stays empty."""
    return "".join(part if _SEPARATOR.fullmatch(part) else _mask_one(part.strip()) for part in _SEPARATOR.split(name))


def mask_id(number: str) -> str:
    """An identity number, masked: 320***…*4. A number of four characters or fewer is masked whole."""
    text = number.strip()
    if len(text) <= 4:
        return "*" * len(text)
    return text[:3] + "*" * (len(text) - 4) + text[-1]


def _mask_one(name: str) -> str:
    if not _CHINESE_NAME.fullmatch(name):
        return name[:1] + "**" if len(name) > 1 else "*" * len(name)
    kept = 2 if len(name) > 2 and _COMPOUND_SURNAME.match(name) else 1
    return name[:kept] + "*" * (len(name) - kept)
