// Canonical JSON (docs/record.md): keys sorted by code point, no white space, integers only; its bytes are UTF-8.

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError("only whole numbers");
  return JSON.stringify(value);
}

export function canonicalBytes(value) {
  return new TextEncoder().encode(canonical(value));
}
