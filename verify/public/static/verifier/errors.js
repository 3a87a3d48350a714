// What stops a check: a refusal with its reason code, unusable trust, or a browser that lacks an algorithm.
//
// * Rejection: the scanned thing is no credential we accept. `reason` is a code of docs/credential.md §8, `detail` what
//   exactly. It is the only thing decoders throw, whatever the bytes.
// * TrustError: key list, status list, notice list or trust file cannot be used; `code` is one of §7.
// * Unsupported: WebCrypto lacks what is needed here. That is no answer: ask a server, never guess.

export class Rejection extends Error {
  constructor(reason, detail = "") {
    super(detail === "" ? reason : `${reason}: ${detail}`);
    this.name = "Rejection";
    this.reason = reason;
    this.detail = detail;
    Object.freeze(this);
  }
}

export class TrustError extends Error {
  // `message` is the Chinese sentence; it is kept without the full stop at its end.
  constructor(code, message) {
    super(message.replace(/。+$/, ""));
    this.name = "TrustError";
    this.code = code;
    Object.freeze(this);
  }
}

export class Unsupported extends Error {
  constructor(what) {
    super(`this browser cannot do ${what}`);
    this.name = "Unsupported";
  }
}
