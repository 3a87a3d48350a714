// The one-month rule and the calendar it needs, in Shanghai time at the fixed offset +08:00: docs/credential.md §2.
//
// * Opening day excluded; the day of the same number in the next month, or that month's last day; through its 24:00.
// * Moments are whole seconds since 1970 (UTC). Days are days since 1970-01-01 in Shanghai.
//
// Source: 中华人民共和国民法典 arts. 200–204.

const OFFSET = 8 * 3600;
const DAY = 86400;

// The day in Shanghai on which `seconds` falls.
export function dayOf(seconds) {
  return Math.floor((seconds + OFFSET) / DAY);
}

// {year, month (1–12), day} of a day.
export function calendar(day) {
  const date = new Date(day * DAY * 1000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

// The first second in which a report issued at `seconds` is no longer valid: 24:00 of the last day.
export function endOf(seconds) {
  const { year, month, day } = calendar(dayOf(seconds));
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const last = Date.UTC(year, month, Math.min(day, length)) / 1000 / DAY;
  return (last + 1) * DAY - OFFSET;
}

const two = (number) => String(number).padStart(2, "0");

// 2026-08-20
export function isoDay(day) {
  const { year, month, day: number } = calendar(day);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(number)}`;
}

// 2026-08-20T10:32:05+08:00; a part of a second, when there is one, in six digits.
export function isoMoment(seconds) {
  const part = Math.round((seconds - Math.floor(seconds)) * 1e6);
  const fraction = part === 0 ? "" : `.${String(part).padStart(6, "0")}`;
  return `${isoDay(dayOf(seconds))}T${clock(seconds)}${fraction}+08:00`;
}

// 10:32:05
export function clock(seconds) {
  const second = Math.floor(seconds) + OFFSET - dayOf(seconds) * DAY;
  return [second / 3600, (second / 60) % 60, second % 60].map((part) => two(Math.floor(part))).join(":");
}
