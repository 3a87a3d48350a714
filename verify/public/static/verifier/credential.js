// The signed facts: what a token says, read strictly; docs/credential.md §2. Claimed, until its signature has held.

import { isBytes, isInteger, read } from "./cbor.js";
import { openSign1 } from "./cose.js";
import { Rejection } from "./errors.js";
import { readCode, readName } from "./subject.js";
import { calendar, dayOf, endOf } from "./validity.js";

const TOKEN_MAX = 512;
const EXP = 4, IAT = 6, FACTS = -24;
const SECONDS_MAX = 2 ** 32 - 1;
const SPECIAL = 1;

// {token, signed, facts} of a token. Throws Rejection, and nothing else.
export function decode(token) {
  if (token.length > TOKEN_MAX) throw new Rejection("TOO_LONG");
  const signed = openSign1(token);
  return Object.freeze({ token, signed, facts: readFacts(signed.payload) });
}

// The report number as printed: the issuer's prefix, the day of issue, seven digits.
export function numberOf(facts, prefix) {
  const { year, month, day } = calendar(dayOf(facts.issuedAt));
  const pad = (number, size) => String(number).padStart(size, "0");
  return `${prefix}${pad(year, 4)}${pad(month, 2)}${pad(day, 2)}${pad(facts.sequence, 7)}`;
}

function readFacts(payload) {
  const claims = read(payload);
  if (!(claims instanceof Map)) throw new Rejection("PAYLOAD_NOT_MAP");
  if (![EXP, IAT, FACTS].every((claim) => claims.has(claim))) throw new Rejection("CLAIM_MISSING");
  if (claims.size !== 3) throw new Rejection("CLAIM_UNKNOWN");
  const [issuedAt, expires] = times(claims);
  const values = claims.get(FACTS);
  if (!Array.isArray(values) || !isInteger(values[0])) throw new Rejection("CLAIM_TYPE");
  if (values[0] !== 1) throw new Rejection("VERSION_UNKNOWN", String(values[0]));
  if (values.length !== 12) throw new Rejection("CLAIM_TYPE");
  return consistent(issuedAt, expires, values);
}

function times(claims) {
  const expires = number(claims.get(EXP), 0, SECONDS_MAX);
  const issued = number(claims.get(IAT), 0, SECONDS_MAX);
  if (expires <= issued) throw new Rejection("EXPIRES_BEFORE_ISSUED");
  if (expires !== endOf(issued)) throw new Rejection("NOT_ONE_MONTH");
  return [issued, expires];
}

// Each fact in the order of the table, then what they must be to each other.
function consistent(issuedAt, expires, values) {
  const facts = {
    issuedAt,
    expires,
    reportType: reportType(values[1]),
    sequence: number(values[2], 1, 9_999_999),
    statusIndex: number(values[3], 0, 2 ** 24 - 1),
    subjectCode: readCode(bytes(values[4])),
    subjectName: readName(bytes(values[5])),
    periodFrom: number(values[6], 0, 65_535),
    periodTo: number(values[7], 0, 65_535),
    domains: number(values[8], 1, 65_535),
    records: number(values[9], 0, 65_535),
    domainsWithoutData: number(values[10], 0, 65_535),
    contentRoot: bytes(values[11]),
  };
  const window = facts.periodFrom <= facts.periodTo && facts.periodTo < dayOf(issuedAt);
  if (!window || facts.domainsWithoutData > facts.domains || facts.contentRoot.length !== 32) {
    throw new Rejection("CLAIM_RANGE");
  }
  return Object.freeze(facts);
}

function reportType(value) {
  const type = number(value, 0, SECONDS_MAX);
  if (type !== SPECIAL) throw new Rejection("REPORT_TYPE_UNKNOWN", String(type));
  return type;
}

function number(value, least, most) {
  if (!isInteger(value)) throw new Rejection("CLAIM_TYPE");
  if (value < least || value > most) throw new Rejection("CLAIM_RANGE");
  return Number(value);
}

function bytes(value) {
  if (!isBytes(value)) throw new Rejection("CLAIM_TYPE");
  return value;
}
