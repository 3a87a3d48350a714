// Everything that can be given to the page: typed, pasted, dropped, chosen, photographed, scanned – turned into what is
// asked (checking.js).
//
// * A picture is read here; only docx and PDF go to the server, and a picture when the user says so.
// * `ask(asked)` is called with {kind, text | number, code | file, name, sha256}; `say(key, action?)` puts a sentence up and
//   gives a function: whether nothing else was given since.
// * What was given last counts: a picture that takes long says nothing about what was asked after it.

import { hasCamera, scan } from "./camera.js";
import { $ } from "./dom.js";
import { codesInPicture } from "./reading.js";
import { t } from "./words.js";

const PICTURE = /^image\/|\.(png|jpe?g|webp|gif|bmp|heic|heif|avif)$/i;
const PICTURE_MAX_BYTES = 40 * 1024 * 1024;
const UPLOADED = /^image\/(png|jpeg)$/;

export function takeIn({ ask, say }) {
  const give = { text: (text) => ask(code(text)), file: (file) => givenFile(file, { ask, say }) };
  forms(ask, give);
  buttons(give);
  pasting(give, say);
  dropping(give, say);
}

function code(text) {
  return { kind: "code", text: text.slice(0, 4000), name: null, sha256: null };
}

function uploaded(file) {
  return { kind: "file", file, name: file.name || t("photo"), sha256: null };
}

async function givenFile(file, { ask, say }) {
  if (!PICTURE.test(file.type) && !PICTURE.test(file.name)) return ask(uploaded(file));
  if (file.size > PICTURE_MAX_BYTES) return say("too-large");
  const newest = say("reading-photo");
  try {
    const codes = await codesInPicture(file);
    if (!newest()) return undefined;
    if (codes.length === 1) return ask(code(codes[0]));
    if (codes.length > 1) return say("photo-several");
    const send = UPLOADED.test(file.type) ? { key: "photo-send", act: () => ask(uploaded(file)) } : null;
    return say("photo-no-code", send);
  } catch (error) {
    if (!newest()) return undefined;
    return say(error instanceof DOMException ? "photo-unreadable" : "reader-missing");
  }
}

function forms(ask, give) {
  document.addEventListener("submit", (event) => {
    const way = event.target.dataset.way;
    if (way === undefined) return;
    event.preventDefault();
    const values = new FormData(event.target);
    if (way === "token") give.text(values.get("token"));
    if (way === "file") give.file(values.get("file"));
    if (way === "typed") {
      ask({ kind: "typed", number: values.get("number"), code: values.get("code"), name: null, sha256: null });
    }
  });
}

function buttons(give) {
  const [camera, photo] = [$("camera"), $("photo")];
  if (camera === null) return;
  camera.hidden = !hasCamera();
  camera.addEventListener("click", async () => {
    const text = await scan();
    if (text !== null) give.text(text);
  });
  photo.addEventListener("change", () => {
    if (photo.files.length > 0) give.file(photo.files[0]);
    photo.value = "";
  });
}

// A paste into a field stays there; anywhere else, or a picture, it is verified.
function pasting(give, say) {
  document.addEventListener("paste", (event) => {
    const inField = event.target instanceof Element && event.target.closest("input, textarea") !== null;
    const [file] = event.clipboardData.files;
    if (file === undefined && inField) return;
    event.preventDefault();
    given(event.clipboardData, give, say);
  });
}

function dropping(give, say) {
  const over = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) over(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    given(event.dataTransfer, give, say);
  });
}

// One thing at a time: of several files no one is chosen, and a folder is no file.
function given(transfer, give, say) {
  const [file] = transfer.files;
  const folder = [...transfer.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
  if (folder || transfer.files.length > 1) return say("several-files", { key: "batch-link", act: () => location.assign("/v/batch") });
  const text = transfer.getData("text/uri-list") || transfer.getData("text/plain");
  if (file !== undefined) return give.file(file);
  return text.trim() === "" ? say("nothing-given") : give.text(text);
}
