// One batch sent, and its answer read line by line while it comes (docs/serving.md, POST /api/verify/batch).

const LINE = /\n/;

// The service refused: its code, sentence and next step, in Chinese as it says them.
export class NotTaken extends Error {
  constructor({ code, message, next_step: next }) {
    super(message);
    Object.assign(this, { code, next });
  }
}

// The answer ended before it was whole.
export class CutShort extends Error {}

// `files`: [{file, path}]. `told` is called with each line; resolves when the last one, of type "end", was told.
export async function send({ files, bidders, at }, told, signal) {
  const body = new FormData();
  body.append("format", "ndjson");
  if (at !== "") body.append("at", at);
  if (bidders !== null) body.append("bidders", bidders, bidders.name);
  for (const { file, path } of files) body.append("file", file, path);
  const answer = await fetch("/api/verify/batch", { method: "POST", body, cache: "no-store", signal });
  if (!answer.ok) throw await refusal(answer);
  let last = null;
  for await (const line of lines(answer.body)) {
    last = line;
    told(line);
  }
  if (last?.type !== "end") throw new CutShort();
}

async function refusal(answer) {
  try {
    return new NotTaken((await answer.json()).error);
  } catch {
    return new CutShort();
  }
}

async function* lines(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      if (error.name === "AbortError") throw error;
      throw new CutShort();
    });
    if (done) return;
    const parts = (rest + value).split(LINE);
    rest = parts.pop();
    yield* parts.map((part) => JSON.parse(part));
  }
}
