// What is said in Chinese: every reason and notice with its sentence and the next step, every verdict in a word or two.
//
// The same sentences as the rest of the house says (a test compares). {…} is filled by wording.js.

const REFUSE = "请不要采信，并请对方从官方渠道重新免费下载报告。";
const RESCAN = "请重新扫描或重新拍照，也可以输入报告编号和核验码。";
const REPORT_IT = "请不要采信，保留原件，并向签发机构反映。";
const ASK_NEW = "请不要采信，并要求对方提供新报告。";
const RETRY = "请联网更新信任文件后重试；在能够确认之前请不要采信。";
const UPDATE = "请升级核验程序后重试；在能够确认之前请不要采信。";
const COMPARE = "请将页面显示的名称、代码、期间和结论与手中的纸质件或电子件逐项比对。";
const CODE_ALONE =
  "这次只核验了其中的二维码，文件上的文字没有比对：请将这里显示的名称、代码、期间和结论与文件逐项比对。";

function damaged(what) {
  return [`核验码无法识别：${what}。`, RESCAN];
}

function forged(what) {
  return [`核验不通过：${what}，报告可能被伪造或篡改。`, REPORT_IT];
}

const REASONS = {
  OK: ["核验通过：报告由{issuer}签发，在有效期内。", COMPARE],
  OK_FOREIGN_HOST: [
    "核验通过：报告由{issuer}签发，在有效期内；但二维码中的网址不是本机构的核验网址。",
    "请勿打开二维码中的陌生网址，以本次核验结果为准。" + COMPARE,
  ],
  OK_THEN: [
    "在所问时刻（{at}）报告有效，由{issuer}签发；此后报告的状态已经改变，现在不能再用。",
    "这只回答所问的时刻；现在需要报告的，请要求对方提供新报告。" + COMPARE,
  ],
  EMPTY: ["核验码是空的。", RESCAN],
  NOT_A_VERIFICATION_CODE: ["这不是专用信用报告的核验码。", "请扫描报告首页右上方的二维码。"],
  LEADING_ZERO: damaged("数字以 0 开头"),
  TOO_LONG: damaged("内容超出长度上限"),
  NO_CODE_FOUND: ["没有找到核验码二维码。", "请提供首页右上方二维码清晰完整的图片，或输入报告编号和核验码。"],
  CODE_DAMAGED: [
    "找到了二维码，但已污损或拍得不清楚，读不出来。",
    "请正对首页右上方二维码重新拍照，或输入报告编号和核验码。",
  ],
  SEVERAL_CODES: [
    "文件中有不止一个核验码，无法判断以哪一个为准。",
    "请逐个扫描；同一份报告只应有一个核验码，请谨慎采信。",
  ],
  UNSUPPORTED_FILE: ["不支持这种文件。", "请提供 docx 或 PDF 文件、PNG 或 JPEG 图片，或直接扫描二维码。"],
  FILE_NOT_OPENED: ["文件打不开，没有核验。", "请检查这个文件的读取权限后再核验。"],
  DAMAGED_FILE: ["文件已损坏或不完整，无法打开。", "请重新获取原始文件后再核验。"],
  FILE_TOO_LARGE: ["文件过大或展开后过大，已拒绝打开。", "请提供原始报告文件或首页照片。"],
  DANGEROUS_FILE: [
    "文件结构异常（可能是压缩炸弹、外部实体或重名部件），已拒绝打开。",
    "请不要打开该文件，改为扫描首页二维码核验。",
  ],
  FILE_TOO_SLOW: ["读取文件超出了时间限制，已停止。", "请提供原始报告文件，或者只拍首页右上方的二维码。"],
  FILE_LOCKED: ["文件有密码，打不开。", "请提供没有密码的文件，或者扫描首页右上方的二维码。"],
  NESTED_ARCHIVE: ["压缩包里还有压缩包，没有展开。", "请先解压，再把里面的报告文件一起核验。"],
  TYPED_CODE_UNKNOWN: [
    "未查询到与该报告编号和核验码相符的报告。",
    "请核对编号和核验码后重新输入；仍查不到的，请不要采信。",
  ],
  TRUNCATED: damaged("内容不完整"),
  TRAILING_BYTES: damaged("末尾有多余内容"),
  DUPLICATE_KEY: damaged("有重复的项目"),
  KEYS_UNSORTED: damaged("项目顺序不合规范"),
  NOT_MINIMAL: damaged("数值的写法不合规范"),
  INDEFINITE_LENGTH: damaged("使用了不定长写法"),
  TOO_DEEP: damaged("嵌套过深"),
  LENGTH_BEYOND_END: damaged("声明的长度超出实际内容"),
  TAG_INSIDE: damaged("含有不允许的标签"),
  FLOAT: damaged("含有小数，规范只用整数"),
  MALFORMED: damaged("编码有错误"),
  NOT_CANONICAL: damaged("编码不是唯一写法"),
  NOT_SIGN1: damaged("不是签名凭证"),
  UNPROTECTED_HEADER: damaged("含有未受签名保护的标头"),
  ALGORITHM_MISSING: damaged("没有写明签名算法"),
  ALGORITHM_UNKNOWN: ["核验码使用了本程序不认可的签名算法（{detail}）。", UPDATE],
  KID_MISSING: damaged("没有写明签发密钥"),
  KID_MALFORMED: damaged("签发密钥编号有错误"),
  CRITICAL_HEADER: damaged("含有本程序不认识的关键标头"),
  EMBEDDED_KEY: forged("核验码自带公钥或证书"),
  HEADER_UNEXPECTED: damaged("含有多余的标头"),
  SIGNATURE_LENGTH: damaged("签名长度不对"),
  PAYLOAD_NOT_MAP: damaged("凭证内容不是约定的结构"),
  CLAIM_MISSING: damaged("缺少必需的项目"),
  CLAIM_UNKNOWN: damaged("含有约定以外的项目"),
  CLAIM_TYPE: damaged("有项目的类型不对"),
  CLAIM_RANGE: damaged("有项目的数值超出范围"),
  VERSION_UNKNOWN: ["核验码的版本（{detail}）本程序不认识。", UPDATE],
  REPORT_TYPE_UNKNOWN: ["核验码的报告类型（{detail}）本程序不认识。", UPDATE],
  SUBJECT_CODE_INVALID: damaged("统一社会信用代码不成立"),
  SUBJECT_NAME_INVALID: damaged("主体名称含有不允许的字符"),
  EXPIRES_BEFORE_ISSUED: forged("有效期截止早于开具时间"),
  NOT_ONE_MONTH: forged("有效期不是开具之日起一个月"),
  KEY_UNKNOWN: forged("签发密钥（{detail}）不在本机构的公钥清单中"),
  KEY_ALGORITHM_MISMATCH: forged("签名算法与签发密钥不符"),
  KEY_NOT_YET_VALID: forged("开具时签发密钥尚未启用"),
  KEY_EXPIRED: forged("开具时签发密钥已经停用"),
  KEY_OUTLIVED: forged("报告有效期超出签发密钥的期限"),
  KEY_REVOKED: forged("开具时签发密钥已被撤销"),
  KEY_REPORT_TYPE: forged("签发密钥无权签发这类报告"),
  KEY_LIST_EXPIRED: ["无法确认：本机使用的公钥清单已过期。", RETRY],
  KEY_REVOKED_LATER: [
    "无法确认：签发密钥后来被撤销，不能确定报告是在撤销之前签发的。",
    "请向签发机构查询，或要求对方提供新报告。",
  ],
  CLOCK_BEHIND: ["无法确认：本机时钟早于信任文件的发布时间。", "请校准本机时间后重试；在能够确认之前请不要采信。"],
  TRUST_UNUSABLE: ["无法确认：信任文件不可用（{detail}）。", RETRY],
  SIGNATURE_INVALID: forged("签名无效"),
  PERIOD_OVER: ["签名有效，但报告已于{valid_until}过期。", "请要求对方提供新报告；报告可以免费重新下载。"],
  ISSUED_LATER: [
    "签名有效，但报告的开具时间（{issued_at}）晚于所问时刻。",
    "请核对设备时间或所问时刻；在开具时间之前请不要采信。",
  ],
  WITHDRAWN: ["签名有效，但报告已被签发机构撤销。", ASK_NEW],
  REPLACED: ["签名有效，但报告已被更新的报告替换。", ASK_NEW],
  SUSPENDED: ["报告正在复核，签发机构暂不确认其效力。", "请稍后再核验，或向签发机构查询；此前请不要采信。"],
  STATUS_MISSING: ["签名有效，但没有状态清单，无法确认报告是否已被撤销。", RETRY],
  STATUS_STALE: ["签名有效，但状态清单已过时，无法确认报告是否已被撤销。", RETRY],
  STATUS_INDEX_UNKNOWN: ["签名有效，但状态清单中没有这份报告，无法确认其是否已被撤销。", RETRY],
  FIELDS_DIFFER: ["核验码真实，但文件内容与签发时有 {count} 处不一致。", REPORT_IT],
  OTHER_REPORT: [
    "二维码与本文件不是同一份报告：二维码属于{subject}的 {number} 号报告。",
    "请不要采信本文件，保留原件，并向签发机构反映。",
  ],
  PACKAGE_MISSING: [
    "核验码真实，但文件中没有签发时的字段包，无法逐项比对。",
    "请要求对方提供原始 docx 文件；也可以联网核验，用签发存底比对。",
  ],
  PACKAGE_DAMAGED: ["核验码真实，但文件中的字段包已被改动或损坏。", REFUSE],
  PDF_UNCERTIFIED: ["核验码真实，但这份 PDF 没有签发机构的电子签名，不是签发的原件。", REFUSE],
  PDF_SIGNATURE_INVALID: ["核验码真实，但 PDF 的电子签名已失效：签名后文件内容被改动。", REPORT_IT],
  PDF_CHANGED_SINCE: ["核验码真实，但 PDF 在签名之后又被改动（{count} 处）。", REPORT_IT],
  PDF_OTHER_CERTIFICATE: ["核验码真实，但 PDF 的电子签名不是签发机构的，文件可能被重新制作。", REPORT_IT],
  PDF_CERTIFICATE_REVOKED: [
    "无法确认：给 PDF 签名的证书后来被撤销，不能确定这份 PDF 是在撤销之前签名的。",
    "请向签发机构查询，或要求对方提供新报告。",
  ],
  PDF_CERTIFICATES_UNKNOWN: ["核验码真实，但信任文件没有列出签发机构的 PDF 证书，无法核对这份 PDF。", RETRY],
  LOG_PROOF_INVALID: [
    "无法确认：登记日志给出的证明不成立，日志可能被改动。",
    "请不要采信，并向签发机构和监督单位反映。",
  ],
  LOG_FORKED: ["无法确认：登记日志与先前见过的不一致（出现分叉）。", "请不要采信，并向签发机构和监督单位反映。"],
  LOG_BACKDATED: ["无法确认：报告所写的开具时间（{issued_at}）早于它在登记日志中的登记时间，可能是倒签。", REPORT_IT],
  LOG_NOT_REGISTERED: [
    "无法确认：签名有效，但登记日志中没有这份报告。",
    "请向签发机构查询，或要求对方提供新报告；此前请不要采信。",
  ],
};

const NOTICES = {
  DATA_CORRECTED: [
    "数据已更正，请重新获取。",
    "签发后，本报告所列数据已经更正（异议成立，或者数据来源单位更正）；请要求对方重新免费下载报告，以新报告为准。",
  ],
  RECORD_REPAIRED: [
    "签发后有记录完成修复。",
    "已修复的记录不再出现在新报告中；需要最新情况的，请要求对方重新免费下载报告。",
  ],
  NOTICES_UNKNOWN: [
    "没有最新的更正和修复消息，不能确认签发后数据是否更正。",
    "请联网更新信任文件后再核验一次，或要求对方提供新报告。",
  ],
  STATUS_CHANGED_SINCE: ["所问时刻之后，报告的状态已经改变。", "现在需要报告的，请要求对方重新免费下载。"],
  ASKED_AHEAD: ["所问时刻还没有到。", "这是按现在的状态回答的，到时可能已经改变；请到时再核验一次。"],
};

const VERDICTS = {
  valid: "有效",
  expired: "已过期",
  revoked: "已撤销",
  superseded: "已被替换",
  not_yet_valid: "尚未生效",
  altered: "内容不一致",
  forged: "核验不通过",
  unreadable: "无法识别",
  indeterminate: "无法确认",
};

function day({ year, month, day: number }) {
  return `${year}年${month}月${number}日`;
}

// What the report concluded, from the signed facts alone: about the domains with data, and no others.
function conclusion({ domains, records, domains_without_data: gaps }) {
  const answered = domains - gaps;
  if (answered === 0) return `全部 ${gaps} 个领域数据缺失，不作有无违法违规记录的结论。`;
  const found = records > 0 ? `查询到违法违规记录 ${records} 条` : "未查询到违法违规记录";
  return `在 ${answered} 个领域内${found}${gaps > 0 ? `；另有 ${gaps} 个领域数据缺失，不作结论` : ""}。`;
}

export const ZH = Object.freeze({
  reasons: Object.freeze(REASONS),
  notices: Object.freeze(NOTICES),
  verdicts: Object.freeze(VERDICTS),
  compare: COMPARE,
  codeAlone: CODE_ALONE,
  moment: (date, time) => `${day(date)} ${time}`,
  endOfDay: (date) => `${day(date)} 24 时`,
  conclusion,
});
