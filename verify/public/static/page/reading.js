// QR codes in a picture or a video frame, read in this browser: its own BarcodeDetector, else the vendored ZXing.
//
// * Two readings of a picture: as it is, and its red channel, in which a red seal over the code disappears.
// * The vendored reader (1 MB) is loaded when the first picture is read; the service worker has it by then, most likely.

import { readScanned, Rejection } from "../verifier/verifier.js";

const VENDOR = new URL("../vendor/zxing/", import.meta.url);
const TAG = 0xd2;
const AREA_MAX = 16_000_000;
const OPTIONS = { formats: ["QRCode"], tryHarder: true, tryInvert: false, maxNumberOfSymbols: 8, textMode: "Plain" };
let loading = null;

// The texts of the verification codes in `picture` (Blob), each once; [] when there is none of ours.
export async function codesInPicture(picture) {
  const canvas = await drawn(picture);
  const found = await codesIn(canvas);
  return found.length > 0 ? found : codesIn(redChannel(canvas));
}

// The same of one frame of a playing video; `others` are codes that are not ours.
export async function codesInFrame(video, canvas) {
  const scale = Math.min(1, 1600 / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(video, 0, 0, canvas.width, canvas.height);
  const texts = await read(canvas);
  return { ours: ours(texts), others: texts.length > 0 };
}

// Loads what reading needs, so that the first frame is not kept waiting.
export async function ready() {
  if (!(await detector())) await zxing();
}

// A link of the form …/v#digits, or digits that are a credential; another QR beside ours is not.
function isOurs(text) {
  try {
    const { token, origin } = readScanned(text);
    return origin !== null || token[0] === TAG;
  } catch (error) {
    if (error instanceof Rejection) return false;
    throw error;
  }
}

async function codesIn(canvas) {
  return ours(await read(canvas));
}

function ours(texts) {
  return [...new Set(texts)].filter(isOurs);
}

async function read(canvas) {
  const native = await detector();
  if (native) {
    try {
      const found = await native.detect(canvas);
      if (found.length > 0) return found.map((code) => code.rawValue);
    } catch {
      // The platform's reader is missing after all: the vendored one below.
    }
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const { readBarcodes } = await zxing();
  const found = await readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), OPTIONS);
  return found.filter((code) => code.isValid).map((code) => code.text);
}

async function detector() {
  if (!("BarcodeDetector" in globalThis)) return null;
  try {
    const formats = await BarcodeDetector.getSupportedFormats();
    return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  } catch {
    return null;
  }
}

function zxing() {
  loading ??= (async () => {
    const reader = await import(new URL("reader/index.js", VENDOR).href);
    const locateFile = (name) => new URL(name, VENDOR).href;
    await reader.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
    return reader;
  })();
  loading.catch(() => { loading = null; });
  return loading;
}

async function drawn(picture) {
  const whole = await createImageBitmap(picture, { imageOrientation: "from-image" });
  const scale = Math.min(1, Math.sqrt(AREA_MAX / (whole.width * whole.height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(whole.width * scale));
  canvas.height = Math.max(1, Math.round(whole.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return canvas;
}

function redChannel(canvas) {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const { data } = pixels;
  for (let at = 0; at < data.length; at += 4) data[at + 1] = data[at + 2] = data[at];
  copy.getContext("2d", { willReadFrequently: true }).putImageData(pixels, 0, 0);
  return copy;
}
