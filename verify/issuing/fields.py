"""The words of a report, each with its place. Every text of the document comes from here and from nowhere else.

Rules kept:
* ``fields_of`` is a pure function of the content; its order and texts equal what a reader of the docx finds.
* A path says in Chinese where a text stands, so that an altered cell is named, as in
  “一、分领域查询结果／第13行 生态环境领域／查询结果”.
* 暂未接入 is printed where there is no data, never 无 (B13). Notes state facts of this report, in our own words.

Source: report layout, page by page; inventory A/B01–B16.
"""

from collections.abc import Iterator

from index.records.model import RecordKind
from verify.binding import Field
from verify.issuing.content import Detail, DomainResult, ReportContent
from verify.issuing.outline import Block, Grid, GridKind, Margins, Outline, Role, Text
from verify.issuing.wording import (
    NOT_GIVEN,
    amount_text,
    conclusion_text,
    day_text,
    end_of_day_text,
    moment_text,
    period_text,
)

WATERMARK = "示例 · 非真实报告"
PART_ONE = "一、分领域查询结果"
PART_TWO = "二、违法违规记录明细"
PART_THREE = "三、说明"
_KINDS = {role: role.value for role in Role}
_COLUMNS = ("序号", "领域", "责任单位", "数据更新至", "查询结果", "备注")
_RESULT = "查询结果"
_CENTRED = {"序号", "数据更新至", _RESULT}


def fields_of(content: ReportContent) -> tuple[Field, ...]:
    """Every visible text of the report, in reading order, for the field package."""
    return fields_in(outline_of(content))


def fields_in(outline: Outline) -> tuple[Field, ...]:
    """The same of an outline that was made before."""
    return tuple(Field(text.path, _KINDS[text.role], text.text) for text in outline.texts())


def outline_of(content: ReportContent) -> Outline:
    return Outline(
        title=f"{content.report_title} {content.number}",
        first=_first_margins(content),
        later=_later_margins(content),
        body=(*_front_page(content), *_part_one(content), *_part_two(content), *_part_three(content)),
    )


def _first_margins(content: ReportContent) -> Margins:
    return Margins(
        header=(
            Text("首页页眉／报告名称", Role.HEADER, content.report_title),
            Text("首页页眉／手输核验码", Role.CODE, f"核验码：{content.typed_code}"),
            Text("首页页眉／核验提示", Role.HINT, "扫码，或在核验页输入编号和核验码"),
        ),
        footer=_footer("首页页脚"),
        watermark=_watermark("首页页眉", content),
    )


def _later_margins(content: ReportContent) -> Margins:
    return Margins(
        header=(
            Text("页眉／报告名称", Role.HEADER, content.report_title),
            Text("页眉／报告编号", Role.HEADER, f"报告编号 {content.number}"),
        ),
        footer=_footer("页脚"),
        watermark=_watermark("页眉", content),
    )


def _footer(place: str) -> tuple[Text, ...]:
    return (Text(f"{place}／页码和核验期限", Role.FOOTER, "第 {PAGE} 页 共 {NUMPAGES} 页 · 签发后 1 个月内核验有效"),)


def _watermark(place: str, content: ReportContent) -> Text | None:
    return Text(f"{place}／水印", Role.WATERMARK, WATERMARK) if content.sample else None


def _front_page(content: ReportContent) -> Iterator[Block]:
    yield Text("首页／标题", Role.TITLE, content.report_title.removeprefix(content.city))
    yield Text("首页／副题", Role.SUBTITLE, "（代替有无违法违规记录证明）")
    yield _number_grid(content)
    yield Text("首页／主体信息", Role.SUBHEADING, "主体信息")
    yield _subject_grid(content)
    yield Text("首页／查询结论", Role.SUBHEADING, "查询结论")
    yield Text("首页／查询结论／结论", Role.CONCLUSION, _conclusion(content))
    yield Text("首页／签发", Role.SUBHEADING, "签发")
    yield _signature_grid(content)


def _number_grid(content: ReportContent) -> Grid:
    return _pairs(
        GridKind.FACTS,
        "首页／报告信息",
        (
            (("报告编号", content.number), ("开具时间", moment_text(content.issued_at))),
            (("查询领域", f"{len(content.domains)} 个"), ("核验有效期至", end_of_day_text(content.valid_until.date()))),
            (("查询时间范围", period_text(content.years, content.period_from, content.period_to)),),
            (("用途", content.purpose or "未指定"),),
        ),
    )


def _subject_grid(content: ReportContent) -> Grid:
    subject = content.subject
    rows = [
        (("名称", subject.name),),
        (("统一社会信用代码", subject.code), ("类型", subject.type_name)),
        ((subject.person_title, subject.person or NOT_GIVEN), ("成立日期", day_text(subject.established_on))),
    ]
    if subject.address_printed:
        rows.append((("住所", subject.address or NOT_GIVEN),))
    rows.append(
        (
            ("登记状态", subject.registration_state or NOT_GIVEN),
            ("登记机关", subject.registration_authority or NOT_GIVEN),
        )
    )
    return _pairs(GridKind.FACTS, "首页／主体信息", tuple(rows))


def _signature_grid(content: ReportContent) -> Grid:
    return _pairs(
        GridKind.FACTS,
        "首页／签发",
        (
            (("签发机构", content.issuer_name),),
            (("电子签名", f"{content.signature.algorithm} · 公钥编号 {content.signature.key_id}"),),
            (("签名时间", moment_text(content.issued_at)),),
        ),
    )


def _conclusion(content: ReportContent) -> str:
    return conclusion_text(
        content.platform,
        content.period_to,
        domain_count=len(content.domains),
        record_count=len(content.details),
        involved_count=content.involved_count,
        gaps=content.gaps,
    )


def _part_one(content: ReportContent) -> Iterator[Block]:
    yield Text(PART_ONE, Role.HEADING, PART_ONE)
    heading = tuple(
        Text(f"{PART_ONE}／表头／{column}", Role.COLUMN if column in _CENTRED else Role.COLUMN_LEFT, column)
        for column in _COLUMNS
    )
    yield Grid(GridKind.DOMAINS, (heading, *(_domain_row(domain) for domain in content.domains)))


def _domain_row(domain: DomainResult) -> tuple[Text, ...]:
    place = f"{PART_ONE}／第{domain.number}行 {domain.name}"
    name = f"{domain.name}（{domain.note}）" if domain.note else domain.name
    values = (str(domain.number), name, domain.unit_text, day_text(domain.updated_on), _result(domain), _remark(domain))
    return tuple(
        Text(f"{place}／{column}", _role_in(domain, column), value)
        for column, value in zip(_COLUMNS, values, strict=True)
    )


def _role_in(domain: DomainResult, column: str) -> Role:
    """What was found stands out; what is not known steps back."""
    if column == _RESULT and domain.record_count:
        return Role.FOUND
    if column == _RESULT and not domain.current:
        return Role.GAP
    return Role.CELL_CENTRED if column in _CENTRED else Role.CELL


def _result(domain: DomainResult) -> str:
    if domain.record_count:
        return f"有 {domain.record_count} 条"
    if domain.updated_on is None:
        return "暂未接入"
    return "未查询到" if domain.current else "未及时更新"


def _remark(domain: DomainResult) -> str:
    if domain.is_gap:
        return "不作有无结论"
    if domain.objection_count == 0:
        return ""
    return "异议处理中" if domain.objection_count == domain.record_count else f"{domain.objection_count} 条异议处理中"


def _part_two(content: ReportContent) -> Iterator[Block]:
    yield Text(PART_TWO, Role.HEADING, PART_TWO)
    if not content.details:
        yield Text(f"{PART_TWO}／无", Role.BODY, "无")
    for detail in content.details:
        yield Text(f"{PART_TWO}／记录{detail.number}", Role.SUBHEADING, f"记录 {detail.number}")
        yield _pairs(GridKind.DETAIL, f"{PART_TWO}／记录{detail.number}", tuple(_detail_rows(detail)))


def _detail_rows(detail: Detail) -> Iterator[tuple[tuple[str, str], ...]]:
    """A penalty has the words of 双公示; other decisions have neutral ones. Amounts only where there are any."""
    penalty = "处罚" if detail.kind is RecordKind.PENALTY else ""
    yield ("领域", detail.domain), ("状态", "异议处理中" if detail.under_objection else "公示中")
    yield ("决定书文号", detail.document_number), (f"{penalty}决定日期", day_text(detail.decided_on))
    yield (("违法行为类型", detail.violation),)
    yield (("违法事实", detail.facts),)
    yield ((f"{penalty}依据", detail.legal_basis),)
    yield ((f"{penalty}内容", detail.content),)
    yield (f"{penalty}类别", detail.category), ("数据来源单位", detail.source_unit)
    if detail.fine_wan is not None or detail.confiscated_wan is not None:
        yield (
            ("罚款金额（万元）", amount_text(detail.fine_wan)),
            ("没收金额（万元）", amount_text(detail.confiscated_wan)),
        )
    yield ("决定机关", detail.decided_by), ("公示截止期", _publication_end(detail))


def _publication_end(detail: Detail) -> str:
    return "长期" if detail.publication_until is None else day_text(detail.publication_until)


def _part_three(content: ReportContent) -> Iterator[Block]:
    yield Text(PART_THREE, Role.HEADING, PART_THREE)
    for number, note in enumerate(_notes(content), start=1):
        yield Text(f"{PART_THREE}／第{number}条", Role.NOTE, f"{number}. {note}")


def _notes(content: ReportContent) -> Iterator[str]:
    until = end_of_day_text(content.valid_until.date())
    yield (
        "本报告所称违法违规记录，指本市行政机关、依法受权管理公共事务的组织、垂直管理单位和司法机关已经公示、由生效法律文书确认、"
        "作出日期在查询时间范围内且所属领域已经实施查询的记录。"
        "尚在调查、约谈、投诉举报等没有生效法律文书的情形，依法不予处罚或者不得公开的情形，均不列入；刑事裁判按有关规定列入。"
    )
    yield "违法违规行为已经纠正并且完成信用修复的记录，本报告不再展示。"
    yield (
        "数据由各领域责任单位产生、提供并负责，只反映本市所列领域的情况，不含外地。标注“暂未接入”或“未及时更新”的领域，"
        "本报告不作有无结论。法律法规对证明方式另有规定的，从其规定。"
    )
    yield (
        f"核验：扫描首页右上方二维码，或在 {content.verify_url} 输入报告编号和核验码，"
        f"并将核验页面显示的名称、代码、查询范围和结果与本报告逐项比对。核验有效期至{until}；已过期、已撤销或者比对不一致的，请勿采信，请主体重新免费下载。"
    )
    yield (
        f"异议：对记录有异议的，可在{content.website}网站在线提出，写明报告编号、记录序号和理由并附材料，"
        "由责任单位核实后反馈。"
    )
    ended = "本报告签发时上述方案有效期已届满。" if content.basis_has_ended else ""
    yield f"签发依据：{_basis(content)}。{ended}本报告以电子签名保证来源和内容，电子签名不是印章，不另行用印。"


def _basis(content: ReportContent) -> str:
    basis = content.basis
    number = f"（{basis.document_number}）" if basis.document_number else ""
    end = f"，有效期至{day_text(basis.effective_to)}" if basis.effective_to else ""
    return f"《{basis.title}》{number}，{day_text(basis.effective_from)}起施行{end}"


def _pairs(kind: GridKind, place: str, rows: tuple[tuple[tuple[str, str], ...], ...]) -> Grid:
    return Grid(kind, tuple(tuple(_cells(place, row)) for row in rows))


def _cells(place: str, row: tuple[tuple[str, str], ...]) -> Iterator[Text]:
    for label, value in row:
        yield Text(f"{place}／{label}（栏目名）", Role.LABEL, label)
        yield Text(f"{place}／{label}", Role.VALUE, value)
