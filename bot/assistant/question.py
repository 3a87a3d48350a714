"""Understanding a question: what is asked (kinds) about what (pieces), for which place and day.

Steps, each on folded text (``index.search.analyzer.fold_query``):

1. take out what must be found as it stands: 《titles》, "quoted words", years, ordinals such as 第二批, places;
2. take out days: “今天是…” moves the day of the answer, a day before 开具/下载/… is a day to count from;
3. split at punctuation, find the kinds asked by the patterns of ``kinds.toml``, cut them out;
4. cut the rest into pieces: empty words go, soft words and content stay, typing errors are mended.

An ``Ask`` is one thing asked; what was said before it in the same question belongs to it too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot.assistant.lexicon import Kind, KindRule, Lexicon
from bot.assistant.pieces import ACT_HERE, ASKED, ASKED_NEXT, COUNT_WEIGHT, HERE, Piece, asked, cut
from index.search.analyzer import fold_query

Frequency = Callable[[str], int]

_DAY = r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日"
_TODAY = re.compile(rf"(?:今天|今日|现在)是?{_DAY}(?:星期.|周.|\(.*?\))?")
_ON_DAY = re.compile(rf"(?:在|到)?{_DAY}(?:的时候|时|当天|那天|那时)")
_COUNT_FROM = re.compile(rf"{_DAY}(?=.{{0,3}}(?:开|出|下载|签|发|打|办|取|收|作|提|申|签))")
_TITLE = re.compile(r"《([^《》]{2,80})》")
_QUOTED = re.compile(r'"([^"]{2,40})"')
_NUMBER = re.compile(r"[一-鿿]{2,8}\((?:19|20)[0-9]{2}\)[0-9]{1,4}号")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}年(?:底|末|初)?(?![0-9])")
_PERIOD = re.compile(
    r"(?<![第近每哪某这那头上下前后0-9一二三四五六七八九十])(?P<number>[0-9]{1,3}|[一二两三四五六七八九十]{1,3}|半)(?P<unit>个月|个工作日|年|天|小时|万元|元)"
    r"(?![度底初末前]|[几多]|.{0,8}(?:[几多]|一)次)"
)
"""A period or sum the question names: a text about another one does not answer. 每年, 近三年, 一年几次 name none."""
_CHINESE = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_ORDINAL = re.compile(r"第[一二三四五六七八九十百0-9]+(?:批|条|章|款|项|步|阶段|期|类|级|次|号)|首批")
_COUNT = re.compile(r"(?:[0-9]+|[一二三四五六七八九十两]+)(?:个|张|项|份|条|类|种|大|重)")
_STOP = re.compile(r"[,;?!。:\s]+")
_SAYS = re.compile(
    r"(?:是)?(?:怎么|咋|如何|怎样)(?:样)?(?:说|规定|写|要求|讲|定)(?:的|了)?|有(?:什么|啥|哪些|没有)?规定"
)
_COMPARE = re.compile(
    r"(?P<left>[^,和与跟]{2,20})(?:和|与|跟)(?P<right>[^,的]{2,20}?)(?P<rest>的[^,]{2,12})?(?:分别|各自?)"
)
_SUFFIX = r"(?:省|市|自治区|自治州|地区|盟)?"
_ASKS_FEE = re.compile(r"多少|几|要不要|用不用|需不需要|是否|是不是|要[收交花付]|免费|怎么收|价格|[吗么不]$")
_OTHERWISE_ASKED = re.compile(r"什么时候|啥时候|何时|哪|谁|怎么|为什么|为啥|凭什么|什么|啥")
"""哪天起收费 asks for the day; the fee is what it is about."""
_HAN = re.compile(r"[一-鿿]")
_HELD = 0xE000
MAX_ASKS = 6


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing asked. ``units`` are the counting words the answer must carry (工作日, 次, 章 …)."""

    kind: Kind
    pieces: tuple[Piece, ...]
    units: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    text: str = ""

    @property
    def term(self) -> tuple[str, ...]:
        """The name that is asked about, whole (公共 + 信用 + 信息), with the written forms of a single word."""
        places = [place for place, piece in enumerate(self.pieces) if piece.focus]
        if not places:
            return tuple(form for piece in self.content for form in piece.forms)
        start = end = places[0]
        while start > 0 and self.pieces[start].follows:
            start -= 1
        while end + 1 < len(self.pieces) and self.pieces[end + 1].follows:
            end += 1
        if start == end:
            return self.pieces[start].forms
        return ("".join(piece.text for piece in self.pieces[start : end + 1]),)

    @property
    def content(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.content)


@dataclass(frozen=True, slots=True)
class Question:
    folded: str
    asks: tuple[Ask, ...]
    places: tuple[str, ...]
    titles: tuple[str, ...]
    numbers: tuple[str, ...]
    """Document numbers, as 盐政办发(2015)73号."""
    as_of: date | None
    count_from: date | None

    @property
    def words(self) -> str:
        """Everything worth searching for, with the written forms of what was said."""
        forms = [form for ask in self.asks for piece in ask.pieces for form in piece.forms]
        return " ".join(dict.fromkeys((*forms, *self.places)))


def understand(text: str, lexicon: Lexicon, frequency: Frequency, places: frozenset[str]) -> Question:
    """What ``text`` asks. ``places`` are the places the library speaks for; others come from the lexicon."""
    folded = fold_query(text).strip()
    rest, as_of, count_from = _days(folded)
    rest, found = _take_places(rest, lexicon.places | places)
    titles = tuple(match.group(1) for match in _TITLE.finditer(rest))
    numbers = tuple(_number(match.group(), lexicon) for match in _NUMBER.finditer(rest))
    for number in numbers:
        rest = rest.replace(number, f'"{number}"') if f'"{number}"' not in rest else rest
    asks: list[Ask] = []
    for variant in _variants(rest):
        asks.extend(_asks(variant, lexicon, frequency))
    return Question(folded, tuple(asks[:MAX_ASKS]), found, titles, numbers, as_of, count_from)


def _number(words: str, lexicon: Lexicon) -> str:
    """The document number without the empty words before it (请问, 那个)."""
    while lead := next((words[:n] for n in (4, 3, 2, 1) if words[:n] in lexicon.empty), ""):
        words = words[len(lead) :]
    return words


def _days(text: str) -> tuple[str, date | None, date | None]:
    as_of = count_from = None
    for pattern in (_TODAY, _ON_DAY):
        if match := pattern.search(text):
            as_of = _day(match)
            text = text[: match.start()] + " " + text[match.end() :] if as_of else text
    if match := _COUNT_FROM.search(text):
        count_from = _day(match)
        text = text[: match.start()] + text[match.end() :] if count_from else text
    return text, as_of, count_from


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    except ValueError:
        return None


def _take_places(text: str, names: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    found: list[str] = []
    for name in sorted((name for name in names if name in text), key=lambda name: (-len(name), name)):
        if name in _outside_quotes(text):
            found.append(name)
            text = re.sub(rf"{re.escape(name)}{_SUFFIX}(?:政府)?(?:的|市里|那边|这边)?", " ", text)
            text = re.sub(r"^ +", "", text)
    return re.sub(r"(?<=[一-鿿]) (?=[一-鿿])", "", text), tuple(found)


def _outside_quotes(text: str) -> str:
    return _TITLE.sub(" ", _QUOTED.sub(" ", text))


def _variants(text: str) -> tuple[str, ...]:
    match = _COMPARE.search(text)
    if match is None:
        return (text,)
    before, after = text[: match.start()], text[match.end() :]
    return tuple(f"{before}{match.group(side)}{match.group('rest') or ''}{after}" for side in ("left", "right"))


def _asks(text: str, lexicon: Lexicon, frequency: Frequency) -> list[Ask]:
    held: list[Piece] = []
    text = _hold(text, held)
    segments = [_segment(part, lexicon, frequency, held) for part in _STOP.split(text) if part]
    asks: list[Ask] = []
    said: tuple[Piece, ...] = ()
    first: tuple[Piece, ...] = ()
    trailing = tuple(piece for own, kinds in segments if not kinds for piece in own)
    for own, kinds in segments:
        inherited = first if not any(piece.content for piece in own) else tuple(_faint(piece) for piece in first)
        for kind in kinds:
            case = tuple(_faint(piece) for piece in trailing) if _says_its_matter(own) else trailing
            asks.append(replace(kind, pieces=_merge(own, case, inherited)))
        said = _merge(said, own)
        if kinds and not first:
            first = own
    if not asks:
        asks.append(Ask(Kind.STATEMENT, _head_asked(text, _merge(said))))
    return asks


def _says_its_matter(own: tuple[Piece, ...]) -> bool:
    """Whether the clause that asks names a thing and what is done with it: then the others only tell the case."""
    return sum(piece.content and not piece.hard for piece in own) >= 2


def _head_asked(text: str, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """市税务局的电话: without a question word, what follows 的 is asked for and must be found."""
    if len(pieces) < 2 or not text.endswith(f"的{pieces[-1].text}"):
        return pieces
    return *pieces[:-1], asked(pieces[-1])


def _faint(piece: Piece) -> Piece:
    return replace(piece, weight=piece.weight * 0.5, focus=False, told=True)


def _merge(*groups: tuple[Piece, ...]) -> tuple[Piece, ...]:
    merged: dict[str, Piece] = {}
    for piece in (piece for group in groups for piece in group):
        known = merged.get(piece.text)
        if known is None or piece.weight > known.weight:
            merged[piece.text] = piece
    return tuple(merged.values())


def _hold(text: str, held: list[Piece]) -> str:
    """Replace what must be found as it stands by single placeholder characters."""

    def keep(match: re.Match[str], hard: bool) -> str:
        words = match.group(match.lastindex or 0)
        forms = (words, f"首{words[2:]}") if words.startswith("第一") else (words,)
        held.append(Piece(words, forms, weight=1.0 if hard else COUNT_WEIGHT, content=hard, hard=hard))
        return chr(_HELD + len(held) - 1)

    def keep_period(match: re.Match[str]) -> str:
        held.append(Piece(match.group(), _written(match), weight=1.0, content=True, hard=True))
        return chr(_HELD + len(held) - 1)

    text = _PERIOD.sub(lambda match: keep_period(match), text)
    for pattern in (_TITLE, _QUOTED, _YEAR):
        text = pattern.sub(lambda match: keep(match, True), text)
    if not re.search(r"还是|第几", text):
        text = _ORDINAL.sub(lambda match: keep(match, True), text)
    return _COUNT.sub(lambda match: keep(match, False), text)


def _written(match: re.Match[str]) -> tuple[str, ...]:
    """三个月 is also 3个月, 两年 二年, 15天 15日."""
    number, unit = match.group("number"), match.group("unit")
    numbers = [number]
    if number.isdigit() and int(number) < len(_CHINESE):
        numbers.append(_CHINESE[int(number)])
    elif number.replace("两", "二") in _CHINESE:
        numbers.extend(
            (str(_CHINESE.index(number.replace("两", "二"))), "两", "二")
            if number in "两二"
            else (str(_CHINESE.index(number)),)
        )
    units = (unit, "日") if unit == "天" else (unit,)
    return tuple(dict.fromkeys(f"{n}{u}" for n in numbers for u in units))


def _segment(
    text: str, lexicon: Lexicon, frequency: Frequency, held: list[Piece]
) -> tuple[tuple[Piece, ...], tuple[Ask, ...]]:
    says = _SAYS.search(text)
    rest = _SAYS.sub(" ", text)
    asks: list[Ask] = []
    for rule in lexicon.kinds:
        if asks and rule.kind in (Kind.WHAT, Kind.YES_NO, Kind.HOW, Kind.HOW_COMPUTED, Kind.NAME, Kind.CHOICE):
            continue
        if rule.kind is Kind.FEE and _OTHERWISE_ASKED.search(rest) and not _ASKS_FEE.search(rest):
            continue
        cut_out = _cut_kind(rest, rule)
        if cut_out is not None:
            rest, ask = cut_out
            asks.append(replace(ask, text=text))
    if says and not asks:
        asks.append(Ask(Kind.STATEMENT, (), text=text))
    return cut(rest, lexicon, frequency, {chr(_HELD + n): piece for n, piece in enumerate(held)}), tuple(asks)


def _cut_kind(text: str, rule: KindRule) -> tuple[str, Ask] | None:
    for pattern in rule.ask:
        match = pattern.search(text)
        if match is None:
            continue
        named = match.groupdict()
        options = tuple(named[key] for key in ("keep", "other") if named.get(key)) if rule.kind is Kind.CHOICE else ()
        units = tuple(named[key] for key in ("unit", "unit2") if named.get(key))
        keep = "" if options else named.get("keep") or ""
        ends = not _HAN.search(text[match.end() :])
        mark = ASKED if ends and (match.group().startswith("是") or match.group() == "多少") else " "
        here = HERE + ACT_HERE if rule.kind is Kind.YES_NO else HERE
        after = ASKED_NEXT if rule.kind in (Kind.WHAT, Kind.LIST, Kind.WHO) else " "
        return f"{text[: match.start()]}{mark}{keep}{here}{after}{text[match.end() :]}", Ask(
            rule.kind, (), units, options
        )
    return None
