// What is said in English: every reason and notice with its sentence and the next step, every verdict in a word or two.
//
// The Chinese sentences (wording_zh.js) are the ones that count; these say the same. {…} is filled by wording.js.

const REFUSE = "Do not rely on it; ask for a fresh download of the report from the official channel, free of charge.";
const RESCAN = "Scan or photograph the code again, or type the report number and the code printed under the QR.";
const REPORT_IT = "Do not rely on it, keep the original, and tell the issuing office.";
const ASK_NEW = "Do not rely on it; ask for a new report.";
const RETRY = "Go online, update the trust file and try again; do not rely on the report until this can be confirmed.";
const UPDATE = "Update this verifier and try again; do not rely on the report until this can be confirmed.";
const COMPARE = "Compare the name, code, period and conclusion shown here, one by one, with the paper or file in hand.";
const CODE_ALONE =
  "Only the QR in the file was checked, not the words of the file: compare the name, code, period and conclusion shown " +
  "here with the file, one by one.";

function damaged(what) {
  return [`The code cannot be read: ${what}.`, RESCAN];
}

function forged(what) {
  return [`Verification failed: ${what}. The report may be forged or altered.`, REPORT_IT];
}

const REASONS = {
  OK: ["Verified: the report was issued by {issuer} and is within its period of validity.", COMPARE],
  OK_FOREIGN_HOST: [
    "Verified: the report was issued by {issuer} and is within its period of validity; but the address in the QR is " +
      "not that of this office.",
    "Do not open the unknown address in the QR; rely on this result. " + COMPARE,
  ],
  OK_THEN: [
    "At the moment asked about ({at}) the report was valid, issued by {issuer}; its status has changed since, and it " +
      "can no longer be used.",
    "This answers only for the moment asked about; ask for a new report if you need one now. " + COMPARE,
  ],
  EMPTY: ["The code is empty.", RESCAN],
  NOT_A_VERIFICATION_CODE: [
    "This is not the code of a special credit report.",
    "Scan the QR at the upper right of the report's first page.",
  ],
  LEADING_ZERO: damaged("its digits begin with 0"),
  TOO_LONG: damaged("it is longer than any code of ours"),
  NO_CODE_FOUND: [
    "No QR code was found.",
    "Give a clear and whole picture of the QR at the upper right of the first page, or type number and code.",
  ],
  CODE_DAMAGED: [
    "A QR code was found, but it is soiled or blurred and cannot be read.",
    "Photograph the QR at the upper right of the first page again, straight from the front, or type number and code.",
  ],
  SEVERAL_CODES: [
    "There is more than one code in the file; which of them counts cannot be told.",
    "Scan them one by one; a report has only one code, so rely on it with caution.",
  ],
  UNSUPPORTED_FILE: ["This kind of file is not supported.", "Give a docx or PDF file or a picture, or scan the QR."],
  FILE_NOT_OPENED: ["The file could not be opened and was not checked.", "Check that the file may be read."],
  DAMAGED_FILE: ["The file is damaged or incomplete and cannot be opened.", "Get the original file once more."],
  FILE_TOO_LARGE: [
    "The file is too large, packed or unpacked, and was not opened.",
    "Give the original report file, or a photograph of its first page.",
  ],
  DANGEROUS_FILE: [
    "The file is built in an abnormal way (a packing bomb, an outside entity or parts of one name) and was not opened.",
    "Do not open the file; scan the QR on the first page instead.",
  ],
  FILE_LOCKED: ["The file has a password.", "Give a file without a password, or scan the QR on the first page."],
  NESTED_ARCHIVE: ["There is an archive inside the archive; it was not unpacked.", "Unpack it and check what is in it."],
  FILE_TOO_SLOW: [
    "Reading the file took longer than allowed and was stopped.",
    "Give the original report file, or photograph only the QR at the upper right of the first page.",
  ],
  TYPED_CODE_UNKNOWN: ["No report answers to this number and code.", "Check both; if there is still none, do not rely on it."],
  TRUNCATED: damaged("it is incomplete"),
  TRAILING_BYTES: damaged("something follows after its end"),
  DUPLICATE_KEY: damaged("an item stands in it twice"),
  KEYS_UNSORTED: damaged("its items are out of order"),
  NOT_MINIMAL: damaged("a number in it is not written in the one proper way"),
  INDEFINITE_LENGTH: damaged("it uses an indefinite length"),
  TOO_DEEP: damaged("it is nested too deeply"),
  LENGTH_BEYOND_END: damaged("a length in it goes beyond its end"),
  TAG_INSIDE: damaged("it holds a tag that is not allowed"),
  FLOAT: damaged("it holds a fraction where only whole numbers are allowed"),
  MALFORMED: damaged("its encoding is wrong"),
  NOT_CANONICAL: damaged("it is not written in the one proper way"),
  NOT_SIGN1: damaged("it is not a signed credential"),
  UNPROTECTED_HEADER: damaged("it has headers that the signature does not protect"),
  ALGORITHM_MISSING: damaged("it names no signature algorithm"),
  ALGORITHM_UNKNOWN: ["The code uses a signature algorithm that this verifier does not accept ({detail}).", UPDATE],
  KID_MISSING: damaged("it names no signing key"),
  KID_MALFORMED: damaged("the identifier of its signing key is wrong"),
  CRITICAL_HEADER: damaged("it has a critical header that this verifier does not know"),
  EMBEDDED_KEY: forged("the code brings its own key or certificate"),
  HEADER_UNEXPECTED: damaged("it has headers that do not belong there"),
  SIGNATURE_LENGTH: damaged("its signature has the wrong length"),
  PAYLOAD_NOT_MAP: damaged("its content is not of the agreed structure"),
  CLAIM_MISSING: damaged("an item is missing"),
  CLAIM_UNKNOWN: damaged("it holds an item that was not agreed"),
  CLAIM_TYPE: damaged("an item is of the wrong type"),
  CLAIM_RANGE: damaged("a number in it is out of range"),
  VERSION_UNKNOWN: ["This verifier does not know this version of the code ({detail}).", UPDATE],
  REPORT_TYPE_UNKNOWN: ["This verifier does not know this type of report ({detail}).", UPDATE],
  SUBJECT_CODE_INVALID: damaged("the unified social credit code in it cannot be"),
  SUBJECT_NAME_INVALID: damaged("the subject's name holds characters that are not allowed"),
  EXPIRES_BEFORE_ISSUED: forged("it would expire before it was issued"),
  NOT_ONE_MONTH: forged("its period of validity is not one month from its issue"),
  KEY_UNKNOWN: forged("its signing key ({detail}) is not in the key list of this office"),
  KEY_ALGORITHM_MISMATCH: forged("its signature algorithm is not that of its signing key"),
  KEY_NOT_YET_VALID: forged("its signing key was not yet in use when it was issued"),
  KEY_EXPIRED: forged("its signing key was no longer in use when it was issued"),
  KEY_OUTLIVED: forged("its period of validity goes beyond that of its signing key"),
  KEY_REVOKED: forged("its signing key had been revoked when it was issued"),
  KEY_REPORT_TYPE: forged("its signing key may not sign reports of this type"),
  KEY_LIST_EXPIRED: ["Cannot be confirmed: the key list on this device has expired.", RETRY],
  KEY_REVOKED_LATER: [
    "Cannot be confirmed: the signing key was revoked later, and whether the report was signed before is not certain.",
    "Ask the issuing office, or ask for a new report.",
  ],
  CLOCK_BEHIND: [
    "Cannot be confirmed: the clock of this device is behind the day of the trust file.",
    "Set the clock right and try again; do not rely on the report until this can be confirmed.",
  ],
  TRUST_UNUSABLE: ["Cannot be confirmed: the trust file cannot be used.", RETRY],
  SIGNATURE_INVALID: forged("its signature does not hold"),
  PERIOD_OVER: [
    "The signature holds, but the report expired at {valid_until}.",
    "Ask for a new report; it can be downloaded again free of charge.",
  ],
  ISSUED_LATER: [
    "The signature holds, but the report was issued ({issued_at}) later than the moment asked about.",
    "Check the clock or the moment asked about; do not rely on the report before it was issued.",
  ],
  WITHDRAWN: ["The signature holds, but the issuing office has revoked the report.", ASK_NEW],
  REPLACED: ["The signature holds, but a newer report has replaced this one.", ASK_NEW],
  SUSPENDED: [
    "The report is under review; the issuing office does not confirm it for the time being.",
    "Check again later, or ask the issuing office; do not rely on it until then.",
  ],
  STATUS_MISSING: ["The signature holds, but without a status list it is not known whether it was revoked.", RETRY],
  STATUS_STALE: ["The signature holds, but the status list is out of date: it may have been revoked since.", RETRY],
  STATUS_INDEX_UNKNOWN: ["The signature holds, but the status list does not hold this report.", RETRY],
  FIELDS_DIFFER: ["The code is genuine, but the file differs from what was issued ({count} place(s)).", REPORT_IT],
  OTHER_REPORT: [
    "QR and file are not the same report: the QR belongs to report {number} of {subject}.",
    "Do not rely on this file, keep the original, and tell the issuing office.",
  ],
  PACKAGE_MISSING: [
    "The code is genuine, but the file does not carry the issued fields, so it cannot be compared.",
    "Ask for the original docx file, or check online against the content kept at issue.",
  ],
  PACKAGE_DAMAGED: ["The code is genuine, but the issued fields in the file were changed or damaged.", REFUSE],
  PDF_UNCERTIFIED: [
    "The code is genuine, but this PDF does not carry the signature of the issuing office: it is not the original.",
    REFUSE,
  ],
  PDF_SIGNATURE_INVALID: [
    "The code is genuine, but the signature of the PDF no longer holds: it was changed after it was signed.",
    REPORT_IT,
  ],
  PDF_CHANGED_SINCE: ["The code is genuine, but the PDF was changed since it was signed ({count} place(s)).", REPORT_IT],
  PDF_OTHER_CERTIFICATE: [
    "The code is genuine, but the PDF was not signed by the issuing office; it may have been made anew.",
    REPORT_IT,
  ],
  PDF_CERTIFICATE_REVOKED: [
    "Cannot be confirmed: the PDF's certificate was revoked later.", "Ask the issuing office, or ask for a new report.",
  ],
  PDF_CERTIFICATES_UNKNOWN: [
    "The code is genuine, but the trust file does not list the office's PDF certificates: the PDF cannot be checked.",
    RETRY,
  ],
  LOG_PROOF_INVALID: [
    "Cannot be confirmed: the proof given by the transparency log does not hold; the log may have been changed.",
    "Do not rely on it, and tell the issuing office and its supervisor.",
  ],
  LOG_FORKED: [
    "Cannot be confirmed: the transparency log is not the one seen before (it has forked).",
    "Do not rely on it, and tell the issuing office and its supervisor.",
  ],
  LOG_BACKDATED: [
    "Cannot be confirmed: the report says it was issued ({issued_at}) well before it was registered in the log; it may " +
      "be backdated.",
    REPORT_IT,
  ],
  LOG_NOT_REGISTERED: [
    "Cannot be confirmed: the signature holds, but the report is not registered in the transparency log.",
    "Ask the issuing office, or ask for a new report; do not rely on this one until then.",
  ],
};

const NOTICES = {
  DATA_CORRECTED: [
    "Data of this report have been corrected since; get it anew.",
    "Data shown in this report were corrected after it was issued (an objection was upheld, or the source corrected " +
      "them); ask for a fresh download, free of charge, and rely on that.",
  ],
  RECORD_REPAIRED: [
    "A record shown in this report has been repaired since.",
    "A repaired record no longer stands in new reports; if you need the latest, ask for a fresh download.",
  ],
  NOTICES_UNKNOWN: [
    "There is no recent news of corrections and repairs: whether data changed after the issue is not known.",
    "Go online, update the trust file and check again, or ask for a new report.",
  ],
  STATUS_CHANGED_SINCE: [
    "The status of the report has changed since the moment asked about.",
    "If you need a report now, ask for a fresh download, free of charge.",
  ],
  ASKED_AHEAD: [
    "The moment asked about has not come yet.",
    "This answer is by the status of now, which may change until then; check again at that time.",
  ],
};

const VERDICTS = {
  valid: "Valid",
  expired: "Expired",
  revoked: "Revoked",
  superseded: "Replaced",
  not_yet_valid: "Not yet valid",
  altered: "Content differs",
  forged: "Verification failed",
  unreadable: "Cannot be read",
  indeterminate: "Cannot be confirmed",
};

const MONTHS = "January February March April May June July August September October November December".split(" ");

function day({ year, month, day: number }) {
  return `${number} ${MONTHS[month - 1]} ${year}`;
}

// What the report concluded, from the signed facts alone: about the domains with data, and no others.
function conclusion({ domains, records, domains_without_data: gaps }) {
  const answered = domains - gaps;
  if (answered === 0) return `Data of all ${gaps} domains are missing: no conclusion is drawn.`;
  const found = records > 0 ? `${records} violation record(s) found` : "no violation records found";
  const some = (count) => `${count} ${count === 1 ? "domain" : "domains"}`;
  return `In ${some(answered)}: ${found}${gaps > 0 ? `; no conclusion for ${some(gaps)} without data` : ""}.`;
}

export const EN = Object.freeze({
  reasons: Object.freeze(REASONS),
  notices: Object.freeze(NOTICES),
  verdicts: Object.freeze(VERDICTS),
  compare: COMPARE,
  codeAlone: CODE_ALONE,
  moment: (date, time) => `${day(date)}, ${time} (Beijing time)`,
  endOfDay: (date) => `24:00 on ${day(date)} (Beijing time)`,
  conclusion,
});
