// Asking the server: typed codes, docx and PDF, and everything where the browser lacks an algorithm. Always a POST.
//
// * Served: {entry, token}: the verify entry, and the digits of the code when its signature holds.
// * NotServed: no verdict came back: refused (`status`), or no connection (`status` 0). Never an answer about a report.

export class NotServed extends Error {
  constructor(status) {
    super(`no verdict: ${status}`);
    this.status = status;
  }
}

// `fields`: {token} | {number, code} | {file}; `at`: a Date or null.
export async function askServer(fields, at) {
  const answer = await posted(bodyOf(at === null ? fields : { ...fields, at: at.toISOString() }));
  if (!answer.ok) throw new NotServed(answer.status);
  // Some networks answer with a page of their own: that is no verdict.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const verdict = page.querySelector("#main .verdict[data-entry]");
  if (verdict === null) throw new NotServed(0);
  return servedIn(verdict);
}

// What the server's own result page says, also when the page itself was opened at /v/digits.
export function servedIn(verdict) {
  return { entry: JSON.parse(verdict.dataset.entry), token: verdict.dataset.token || null };
}

async function posted(body) {
  try {
    return await fetch("/v", { method: "POST", body, cache: "no-store", credentials: "omit" });
  } catch {
    throw new NotServed(0);
  }
}

function bodyOf(fields) {
  if (!(fields.file instanceof Blob)) return new URLSearchParams(fields);
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
