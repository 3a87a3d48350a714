// Scanning with the camera: a dialog with the live picture, closed by the first verification code it sees.
//
// * Nothing of the picture is kept or sent. The camera is switched off whenever the dialog closes or the page is left.
// * What can go wrong has a sentence and a next step each (words.js, camera-*).

import { h } from "./dom.js";
import { codesInFrame, ready } from "./reading.js";
import { t } from "./words.js";

const PAUSE_MS = 120;
const PROBLEMS = Object.freeze({
  NotAllowedError: "camera-denied",
  SecurityError: "camera-denied",
  NotFoundError: "camera-none",
  OverconstrainedError: "camera-none",
  NotReadableError: "camera-busy",
  AbortError: "camera-busy",
});

export function hasCamera() {
  return Boolean(navigator.mediaDevices?.getUserMedia) && typeof HTMLDialogElement === "function";
}

// The text of a verification code, or null when the dialog was closed without one.
export async function scan() {
  const scene = setting();
  scene.dialog.showModal();
  try {
    return await Promise.race([filming(scene), scene.closed]);
  } finally {
    scene.open = false;
    turnOff(scene);
    scene.dialog.close();
    scene.dialog.remove();
  }
}

async function filming(scene) {
  try {
    scene.stream = await turnedOn();
    if (!scene.open) return turnOff(scene);
    await Promise.all([playing(scene), ready()]);
    offerTorch(scene);
    scene.say(t("camera-aim"));
    return await watching(scene);
  } catch (error) {
    scene.say(t(PROBLEMS[error.name] ?? "camera-failed"), true);
    return scene.closed;
  }
}

function turnOff({ stream }) {
  stream?.getTracks().forEach((track) => track.stop());
  return null;
}

function setting() {
  const video = h("video", { playsinline: true, muted: true, "aria-label": t("camera-picture") });
  video.muted = true;
  const message = h("p", { class: "camera-message", role: "status", "aria-live": "polite" }, t("camera-starting"));
  const torch = h("button", { type: "button", class: "quiet", hidden: true, "aria-pressed": "false" }, t("torch"));
  const close = h("button", { type: "button", onclick: () => dialog.close() }, t("close"));
  const frame = h("div", { class: "camera-frame" }, video, h("div", { class: "camera-aim", "aria-hidden": "true" }));
  const dialog = h("dialog", { class: "camera", "aria-labelledby": "camera-title" },
    h("h2", { id: "camera-title" }, t("camera")), frame, message, h("div", { class: "buttons" }, torch, close));
  document.body.append(dialog);
  const scene = { dialog, video, message, torch, stream: null, open: true };
  scene.closed = new Promise((resolve) => dialog.addEventListener("close", () => resolve(null)));
  scene.say = (text, bad = false) => {
    message.textContent = text;
    message.classList.toggle("bad", bad);
    frame.hidden = bad;
  };
  addEventListener("pagehide", () => dialog.close(), { once: true });
  return scene;
}

function turnedOn() {
  const video = { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } };
  return navigator.mediaDevices.getUserMedia({ audio: false, video });
}

function playing({ video, stream }) {
  video.srcObject = stream;
  return video.play();
}

function offerTorch({ stream, torch, say }) {
  const [track] = stream.getVideoTracks();
  if (!track.getCapabilities?.().torch) return;
  torch.hidden = false;
  torch.addEventListener("click", async () => {
    const on = torch.getAttribute("aria-pressed") !== "true";
    try {
      await track.applyConstraints({ advanced: [{ torch: on }] });
      torch.setAttribute("aria-pressed", String(on));
    } catch {
      say(t("torch-failed"));
    }
  });
}

async function watching(scene) {
  const canvas = document.createElement("canvas");
  while (scene.open) {
    if (scene.video.videoWidth > 0) {
      const { ours, others } = await codesInFrame(scene.video, canvas);
      if (ours.length === 1) return ours[0];
      if (ours.length > 1) scene.say(t("camera-several"));
      else if (others) scene.say(t("camera-other"));
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return null;
}
