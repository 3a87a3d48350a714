// The service worker of the verification page (scope /v): the page and its program work without network.
//
// * Kept: the page without any verdict, and the files of one version. Never kept: answers, lists, sealed contents,
//   anything that was posted. Verdicts are made anew each time, in the page.
// * The page comes from the network when it can; without network, and where a network answers with something of its
//   own, it is the kept one, of the same version as its files.
// * A file is kept, and given to the page, only when it is whole and the one of this version.
// * The reader of pictures (1 MB) is fetched when a page asks for it, once all else is there: nobody waits for it.
// * A new version is installed beside the old one and takes over when no page of the old one is open any more.
"use strict";

const VERSION = "%VERSION%";
// What is fetched before this worker takes over, what reads pictures, and the digest of every file of this version.
const FIRST = ["%FIRST%"];
const READER = ["%READER%"];
const FILES = {"%FILES%"};
const PREFIX = "chenghe-verify-";
const CACHE = PREFIX + VERSION;
const PAGE = "/v";
const OURS = "/v/program/";
const PATIENCE_MS = 4000;

// Past the browser's own store, both ways: what a network puts in its place must not lie there for the page to find.
async function fresh(address, cache = "no-store") {
  const integrity = FILES[address] ?? "";
  const answer = await fetch(address, { cache, integrity, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

// From the browser's own store, where a page may have put it a moment ago; anew if what lies there is not ours.
async function stored(address) {
  return fresh(address, "default").catch(() => fresh(address));
}

async function install() {
  const page = await fresh(PAGE);
  // A page of another version is being served just now: try again at the next visit.
  if (!(await page.clone().text()).includes(`/${VERSION}/`)) throw new Error("another version");
  const cache = await caches.open(CACHE);
  await Promise.all(FIRST.map(async (address) => cache.put(address, await fresh(address))));
  await cache.put(PAGE, page);
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

// A scanned link of the form /v/digits gets the same page: the digits are read there, and are not sent.
async function page() {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(PAGE, { cache: "no-store", signal: patience.signal });
    if (answer.ok && !answer.redirected && (await answer.clone().text()).includes(OURS)) return answer;
  } catch {
    // No network: the kept page below.
  } finally {
    clearTimeout(timer);
  }
  return (await (await caches.open(CACHE)).match(PAGE)) || Response.error();
}

async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await stored(new URL(request.url).pathname);
  await cache.put(request, answer.clone());
  return answer;
}

async function keepReader() {
  const cache = await caches.open(CACHE);
  try {
    for (const address of READER) {
      if (!(await cache.match(address))) await cache.put(address, await stored(address));
    }
  } catch {
    // At the next visit, or when a picture is to be read.
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data === "keep the reader") event.waitUntil(keepReader());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && (pathname === PAGE || /^\/v\/[0-9]+$/.test(pathname))) {
    event.respondWith(page());
  } else if (pathname.startsWith(`/v/program/${VERSION}/`)) {
    event.respondWith(file(request));
  }
});
