"""Every verdict, every reason code, and what is said to people about each: one enum, one table.

* A reason belongs to exactly one verdict. Codes are stable: they appear in JSON and in tests/vectors.
* Each has a Chinese sentence and a Chinese next step. ``{…}`` in them is filled by ``verify.check``.
* docs/credential.md lists every code; a test compares.

``Rejection`` carries a reason out of the decoders. It is the only thing they raise, whatever the bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from verify.errors import VerifyError


class Verdict(StrEnum):
    """Values appear in JSON; ``label`` is what people read in large letters."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    NOT_YET_VALID = "not_yet_valid"
    ALTERED = "altered"
    FORGED = "forged"
    UNREADABLE = "unreadable"
    INDETERMINATE = "indeterminate"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Verdict.VALID: "有效",
    Verdict.EXPIRED: "已过期",
    Verdict.REVOKED: "已撤销",
    Verdict.SUPERSEDED: "已被替换",
    Verdict.NOT_YET_VALID: "尚未生效",
    Verdict.ALTERED: "内容不一致",
    Verdict.FORGED: "核验不通过",
    Verdict.UNREADABLE: "无法识别",
    Verdict.INDETERMINATE: "无法确认",
}


class Reason(StrEnum):
    # valid
    OK = "OK"
    OK_FOREIGN_HOST = "OK_FOREIGN_HOST"
    OK_THEN = "OK_THEN"
    # 1 read
    EMPTY = "EMPTY"
    NOT_A_VERIFICATION_CODE = "NOT_A_VERIFICATION_CODE"
    LEADING_ZERO = "LEADING_ZERO"
    TOO_LONG = "TOO_LONG"
    NO_CODE_FOUND = "NO_CODE_FOUND"
    CODE_DAMAGED = "CODE_DAMAGED"
    SEVERAL_CODES = "SEVERAL_CODES"
    UNSUPPORTED_FILE = "UNSUPPORTED_FILE"
    FILE_NOT_OPENED = "FILE_NOT_OPENED"
    DAMAGED_FILE = "DAMAGED_FILE"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    DANGEROUS_FILE = "DANGEROUS_FILE"
    FILE_TOO_SLOW = "FILE_TOO_SLOW"
    FILE_LOCKED = "FILE_LOCKED"
    NESTED_ARCHIVE = "NESTED_ARCHIVE"
    TYPED_CODE_UNKNOWN = "TYPED_CODE_UNKNOWN"
    # 2 decode: CBOR
    TRUNCATED = "TRUNCATED"
    TRAILING_BYTES = "TRAILING_BYTES"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    KEYS_UNSORTED = "KEYS_UNSORTED"
    NOT_MINIMAL = "NOT_MINIMAL"
    INDEFINITE_LENGTH = "INDEFINITE_LENGTH"
    TOO_DEEP = "TOO_DEEP"
    LENGTH_BEYOND_END = "LENGTH_BEYOND_END"
    TAG_INSIDE = "TAG_INSIDE"
    FLOAT = "FLOAT"
    MALFORMED = "MALFORMED"
    NOT_CANONICAL = "NOT_CANONICAL"
    # 2 decode: COSE_Sign1
    NOT_SIGN1 = "NOT_SIGN1"
    UNPROTECTED_HEADER = "UNPROTECTED_HEADER"
    ALGORITHM_MISSING = "ALGORITHM_MISSING"
    ALGORITHM_UNKNOWN = "ALGORITHM_UNKNOWN"
    KID_MISSING = "KID_MISSING"
    KID_MALFORMED = "KID_MALFORMED"
    CRITICAL_HEADER = "CRITICAL_HEADER"
    EMBEDDED_KEY = "EMBEDDED_KEY"
    HEADER_UNEXPECTED = "HEADER_UNEXPECTED"
    SIGNATURE_LENGTH = "SIGNATURE_LENGTH"
    # 2 decode: claims
    PAYLOAD_NOT_MAP = "PAYLOAD_NOT_MAP"
    CLAIM_MISSING = "CLAIM_MISSING"
    CLAIM_UNKNOWN = "CLAIM_UNKNOWN"
    CLAIM_TYPE = "CLAIM_TYPE"
    CLAIM_RANGE = "CLAIM_RANGE"
    VERSION_UNKNOWN = "VERSION_UNKNOWN"
    REPORT_TYPE_UNKNOWN = "REPORT_TYPE_UNKNOWN"
    SUBJECT_CODE_INVALID = "SUBJECT_CODE_INVALID"
    SUBJECT_NAME_INVALID = "SUBJECT_NAME_INVALID"
    EXPIRES_BEFORE_ISSUED = "EXPIRES_BEFORE_ISSUED"
    NOT_ONE_MONTH = "NOT_ONE_MONTH"
    # 3 key
    KEY_UNKNOWN = "KEY_UNKNOWN"
    KEY_ALGORITHM_MISMATCH = "KEY_ALGORITHM_MISMATCH"
    KEY_NOT_YET_VALID = "KEY_NOT_YET_VALID"
    KEY_EXPIRED = "KEY_EXPIRED"
    KEY_OUTLIVED = "KEY_OUTLIVED"
    KEY_REVOKED = "KEY_REVOKED"
    KEY_REPORT_TYPE = "KEY_REPORT_TYPE"
    KEY_LIST_EXPIRED = "KEY_LIST_EXPIRED"
    KEY_REVOKED_LATER = "KEY_REVOKED_LATER"
    CLOCK_BEHIND = "CLOCK_BEHIND"
    TRUST_UNUSABLE = "TRUST_UNUSABLE"
    # 4 signature
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    # 5 time
    PERIOD_OVER = "PERIOD_OVER"
    ISSUED_LATER = "ISSUED_LATER"
    # 6 status
    WITHDRAWN = "WITHDRAWN"
    REPLACED = "REPLACED"
    SUSPENDED = "SUSPENDED"
    STATUS_MISSING = "STATUS_MISSING"
    STATUS_STALE = "STATUS_STALE"
    STATUS_INDEX_UNKNOWN = "STATUS_INDEX_UNKNOWN"
    # 7 document
    FIELDS_DIFFER = "FIELDS_DIFFER"
    OTHER_REPORT = "OTHER_REPORT"
    PACKAGE_MISSING = "PACKAGE_MISSING"
    PACKAGE_DAMAGED = "PACKAGE_DAMAGED"
    PDF_UNCERTIFIED = "PDF_UNCERTIFIED"
    PDF_SIGNATURE_INVALID = "PDF_SIGNATURE_INVALID"
    PDF_CHANGED_SINCE = "PDF_CHANGED_SINCE"
    PDF_OTHER_CERTIFICATE = "PDF_OTHER_CERTIFICATE"
    PDF_CERTIFICATE_REVOKED = "PDF_CERTIFICATE_REVOKED"
    PDF_CERTIFICATES_UNKNOWN = "PDF_CERTIFICATES_UNKNOWN"
    # 8 registration
    LOG_PROOF_INVALID = "LOG_PROOF_INVALID"
    LOG_FORKED = "LOG_FORKED"
    LOG_BACKDATED = "LOG_BACKDATED"
    LOG_NOT_REGISTERED = "LOG_NOT_REGISTERED"


@dataclass(frozen=True, slots=True)
class Wording:
    verdict: Verdict
    message: str
    next_step: str


_REFUSE = "请不要采信，并请对方从官方渠道重新免费下载报告。"
_RESCAN = "请重新扫描或重新拍照，也可以输入报告编号和核验码。"
_REPORT_IT = "请不要采信，保留原件，并向签发机构反映。"
_ASK_LATEST = "请不要采信，并要求对方提供新报告。"
_RETRY = "请联网更新信任文件后重试；在能够确认之前请不要采信。"
_UPDATE = "请升级核验程序后重试；在能够确认之前请不要采信。"
COMPARE = "请将页面显示的名称、代码、期间和结论与手中的纸质件或电子件逐项比对。"
CODE_ALONE = "这次只核验了其中的二维码，文件上的文字没有比对：请将这里显示的名称、代码、期间和结论与文件逐项比对。"
"""In the place of ``COMPARE`` for a picture or PDF that is valid by its code. Decision: docs/decisions/0141."""


def _unreadable(message: str, next_step: str = _RESCAN) -> Wording:
    return Wording(Verdict.UNREADABLE, message, next_step)


def _damaged(what: str) -> Wording:
    return Wording(Verdict.UNREADABLE, f"核验码无法识别：{what}。", _RESCAN)


def _forged(what: str) -> Wording:
    return Wording(Verdict.FORGED, f"核验不通过：{what}，报告可能被伪造或篡改。", _REPORT_IT)


def _unknown(message: str, next_step: str = _RETRY) -> Wording:
    return Wording(Verdict.INDETERMINATE, message, next_step)


_TABLE: dict[Reason, Wording] = {
    Reason.OK: Wording(Verdict.VALID, "核验通过：报告由{issuer}签发，在有效期内。", COMPARE),
    Reason.OK_FOREIGN_HOST: Wording(
        Verdict.VALID,
        "核验通过：报告由{issuer}签发，在有效期内；但二维码中的网址不是本机构的核验网址。",
        "请勿打开二维码中的陌生网址，以本次核验结果为准。" + COMPARE,
    ),
    Reason.OK_THEN: Wording(
        Verdict.VALID,
        "在所问时刻（{at}）报告有效，由{issuer}签发；此后报告的状态已经改变，现在不能再用。",
        "这只回答所问的时刻；现在需要报告的，请要求对方提供新报告。" + COMPARE,
    ),
    Reason.EMPTY: _unreadable("核验码是空的。"),
    Reason.NOT_A_VERIFICATION_CODE: _unreadable("这不是专用信用报告的核验码。", "请扫描报告首页右上方的二维码。"),
    Reason.LEADING_ZERO: _damaged("数字以 0 开头"),
    Reason.TOO_LONG: _damaged("内容超出长度上限"),
    Reason.NO_CODE_FOUND: _unreadable(
        "没有找到核验码二维码。", "请提供首页右上方二维码清晰完整的图片，或输入报告编号和核验码。"
    ),
    Reason.CODE_DAMAGED: _unreadable(
        "找到了二维码，但已污损或拍得不清楚，读不出来。", "请正对首页右上方二维码重新拍照，或输入报告编号和核验码。"
    ),
    Reason.SEVERAL_CODES: _unreadable(
        "文件中有不止一个核验码，无法判断以哪一个为准。", "请逐个扫描；同一份报告只应有一个核验码，请谨慎采信。"
    ),
    Reason.UNSUPPORTED_FILE: _unreadable(
        "不支持这种文件。", "请提供 docx 或 PDF 文件、PNG 或 JPEG 图片，或直接扫描二维码。"
    ),
    Reason.FILE_NOT_OPENED: _unreadable("文件打不开，没有核验。", "请检查这个文件的读取权限后再核验。"),
    Reason.DAMAGED_FILE: _unreadable("文件已损坏或不完整，无法打开。", "请重新获取原始文件后再核验。"),
    Reason.FILE_TOO_LARGE: _unreadable("文件过大或展开后过大，已拒绝打开。", "请提供原始报告文件或首页照片。"),
    Reason.DANGEROUS_FILE: _unreadable(
        "文件结构异常（可能是压缩炸弹、外部实体或重名部件），已拒绝打开。", "请不要打开该文件，改为扫描首页二维码核验。"
    ),
    Reason.FILE_TOO_SLOW: _unreadable(
        "读取文件超出了时间限制，已停止。", "请提供原始报告文件，或者只拍首页右上方的二维码。"
    ),
    Reason.FILE_LOCKED: _unreadable("文件有密码，打不开。", "请提供没有密码的文件，或者扫描首页右上方的二维码。"),
    Reason.NESTED_ARCHIVE: _unreadable("压缩包里还有压缩包，没有展开。", "请先解压，再把里面的报告文件一起核验。"),
    Reason.TYPED_CODE_UNKNOWN: _unreadable(
        "未查询到与该报告编号和核验码相符的报告。", "请核对编号和核验码后重新输入；仍查不到的，请不要采信。"
    ),
    Reason.TRUNCATED: _damaged("内容不完整"),
    Reason.TRAILING_BYTES: _damaged("末尾有多余内容"),
    Reason.DUPLICATE_KEY: _damaged("有重复的项目"),
    Reason.KEYS_UNSORTED: _damaged("项目顺序不合规范"),
    Reason.NOT_MINIMAL: _damaged("数值的写法不合规范"),
    Reason.INDEFINITE_LENGTH: _damaged("使用了不定长写法"),
    Reason.TOO_DEEP: _damaged("嵌套过深"),
    Reason.LENGTH_BEYOND_END: _damaged("声明的长度超出实际内容"),
    Reason.TAG_INSIDE: _damaged("含有不允许的标签"),
    Reason.FLOAT: _damaged("含有小数，规范只用整数"),
    Reason.MALFORMED: _damaged("编码有错误"),
    Reason.NOT_CANONICAL: _damaged("编码不是唯一写法"),
    Reason.NOT_SIGN1: _damaged("不是签名凭证"),
    Reason.UNPROTECTED_HEADER: _damaged("含有未受签名保护的标头"),
    Reason.ALGORITHM_MISSING: _damaged("没有写明签名算法"),
    Reason.ALGORITHM_UNKNOWN: _unreadable("核验码使用了本程序不认可的签名算法（{detail}）。", _UPDATE),
    Reason.KID_MISSING: _damaged("没有写明签发密钥"),
    Reason.KID_MALFORMED: _damaged("签发密钥编号有错误"),
    Reason.CRITICAL_HEADER: _damaged("含有本程序不认识的关键标头"),
    Reason.EMBEDDED_KEY: _forged("核验码自带公钥或证书"),
    Reason.HEADER_UNEXPECTED: _damaged("含有多余的标头"),
    Reason.SIGNATURE_LENGTH: _damaged("签名长度不对"),
    Reason.PAYLOAD_NOT_MAP: _damaged("凭证内容不是约定的结构"),
    Reason.CLAIM_MISSING: _damaged("缺少必需的项目"),
    Reason.CLAIM_UNKNOWN: _damaged("含有约定以外的项目"),
    Reason.CLAIM_TYPE: _damaged("有项目的类型不对"),
    Reason.CLAIM_RANGE: _damaged("有项目的数值超出范围"),
    Reason.VERSION_UNKNOWN: _unreadable("核验码的版本（{detail}）本程序不认识。", _UPDATE),
    Reason.REPORT_TYPE_UNKNOWN: _unreadable("核验码的报告类型（{detail}）本程序不认识。", _UPDATE),
    Reason.SUBJECT_CODE_INVALID: _damaged("统一社会信用代码不成立"),
    Reason.SUBJECT_NAME_INVALID: _damaged("主体名称含有不允许的字符"),
    Reason.EXPIRES_BEFORE_ISSUED: _forged("有效期截止早于开具时间"),
    Reason.NOT_ONE_MONTH: _forged("有效期不是开具之日起一个月"),
    Reason.KEY_UNKNOWN: _forged("签发密钥（{detail}）不在本机构的公钥清单中"),
    Reason.KEY_ALGORITHM_MISMATCH: _forged("签名算法与签发密钥不符"),
    Reason.KEY_NOT_YET_VALID: _forged("开具时签发密钥尚未启用"),
    Reason.KEY_EXPIRED: _forged("开具时签发密钥已经停用"),
    Reason.KEY_OUTLIVED: _forged("报告有效期超出签发密钥的期限"),
    Reason.KEY_REVOKED: _forged("开具时签发密钥已被撤销"),
    Reason.KEY_REPORT_TYPE: _forged("签发密钥无权签发这类报告"),
    Reason.KEY_LIST_EXPIRED: _unknown("无法确认：本机使用的公钥清单已过期。"),
    Reason.KEY_REVOKED_LATER: _unknown(
        "无法确认：签发密钥后来被撤销，不能确定报告是在撤销之前签发的。", "请向签发机构查询，或要求对方提供新报告。"
    ),
    Reason.CLOCK_BEHIND: _unknown(
        "无法确认：本机时钟早于信任文件的发布时间。", "请校准本机时间后重试；在能够确认之前请不要采信。"
    ),
    Reason.TRUST_UNUSABLE: _unknown("无法确认：信任文件不可用（{detail}）。"),
    Reason.SIGNATURE_INVALID: _forged("签名无效"),
    Reason.PERIOD_OVER: Wording(
        Verdict.EXPIRED, "签名有效，但报告已于{valid_until}过期。", "请要求对方提供新报告；报告可以免费重新下载。"
    ),
    Reason.ISSUED_LATER: Wording(
        Verdict.NOT_YET_VALID,
        "签名有效，但报告的开具时间（{issued_at}）晚于所问时刻。",
        "请核对设备时间或所问时刻；在开具时间之前请不要采信。",
    ),
    Reason.WITHDRAWN: Wording(Verdict.REVOKED, "签名有效，但报告已被签发机构撤销。", _ASK_LATEST),
    Reason.REPLACED: Wording(Verdict.SUPERSEDED, "签名有效，但报告已被更新的报告替换。", _ASK_LATEST),
    Reason.SUSPENDED: _unknown(
        "报告正在复核，签发机构暂不确认其效力。", "请稍后再核验，或向签发机构查询；此前请不要采信。"
    ),
    Reason.STATUS_MISSING: _unknown("签名有效，但没有状态清单，无法确认报告是否已被撤销。"),
    Reason.STATUS_STALE: _unknown("签名有效，但状态清单已过时，无法确认报告是否已被撤销。"),
    Reason.STATUS_INDEX_UNKNOWN: _unknown("签名有效，但状态清单中没有这份报告，无法确认其是否已被撤销。"),
    Reason.FIELDS_DIFFER: Wording(Verdict.ALTERED, "核验码真实，但文件内容与签发时有 {count} 处不一致。", _REPORT_IT),
    Reason.OTHER_REPORT: Wording(
        Verdict.ALTERED,
        "二维码与本文件不是同一份报告：二维码属于{subject}的 {number} 号报告。",
        "请不要采信本文件，保留原件，并向签发机构反映。",
    ),
    Reason.PACKAGE_MISSING: Wording(
        Verdict.ALTERED,
        "核验码真实，但文件中没有签发时的字段包，无法逐项比对。",
        "请要求对方提供原始 docx 文件；也可以联网核验，用签发存底比对。",
    ),
    Reason.PACKAGE_DAMAGED: Wording(Verdict.ALTERED, "核验码真实，但文件中的字段包已被改动或损坏。", _REFUSE),
    Reason.PDF_UNCERTIFIED: Wording(
        Verdict.ALTERED, "核验码真实，但这份 PDF 没有签发机构的电子签名，不是签发的原件。", _REFUSE
    ),
    Reason.PDF_SIGNATURE_INVALID: Wording(
        Verdict.ALTERED, "核验码真实，但 PDF 的电子签名已失效：签名后文件内容被改动。", _REPORT_IT
    ),
    Reason.PDF_CHANGED_SINCE: Wording(
        Verdict.ALTERED, "核验码真实，但 PDF 在签名之后又被改动（{count} 处）。", _REPORT_IT
    ),
    Reason.PDF_OTHER_CERTIFICATE: Wording(
        Verdict.ALTERED, "核验码真实，但 PDF 的电子签名不是签发机构的，文件可能被重新制作。", _REPORT_IT
    ),
    Reason.PDF_CERTIFICATE_REVOKED: _unknown(
        "无法确认：给 PDF 签名的证书后来被撤销，不能确定这份 PDF 是在撤销之前签名的。",
        "请向签发机构查询，或要求对方提供新报告。",
    ),
    Reason.PDF_CERTIFICATES_UNKNOWN: _unknown("核验码真实，但信任文件没有列出签发机构的 PDF 证书，无法核对这份 PDF。"),
    Reason.LOG_PROOF_INVALID: _unknown(
        "无法确认：登记日志给出的证明不成立，日志可能被改动。", "请不要采信，并向签发机构和监督单位反映。"
    ),
    Reason.LOG_FORKED: _unknown(
        "无法确认：登记日志与先前见过的不一致（出现分叉）。", "请不要采信，并向签发机构和监督单位反映。"
    ),
    Reason.LOG_BACKDATED: _unknown(
        "无法确认：报告所写的开具时间（{issued_at}）早于它在登记日志中的登记时间，可能是倒签。", _REPORT_IT
    ),
    Reason.LOG_NOT_REGISTERED: _unknown(
        "无法确认：签名有效，但登记日志中没有这份报告。", "请向签发机构查询，或要求对方提供新报告；此前请不要采信。"
    ),
}
WORDING: Mapping[Reason, Wording] = MappingProxyType(_TABLE)


def verdict_of(reason: Reason) -> Verdict:
    return WORDING[reason].verdict


class Rejection(VerifyError):
    """The scanned thing is not a credential we accept; ``reason`` says why, ``detail`` what exactly."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        wording = WORDING[reason]
        message = wording.message.replace("{detail}", detail)
        super().__init__(message, next_step=wording.next_step, code=reason.value)
        self.reason = reason
        self.detail = detail

    @property
    def fault(self) -> str:
        """What is wrong, of something that is no code: to stand in the middle of a sentence."""
        return self.message.removeprefix("核验码无法识别：").removesuffix("。")
