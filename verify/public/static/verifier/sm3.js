// SM3, the hash of 商用密码: 32 bytes of any bytes. Source: GB/T 32905-2016 §5.

import { concat } from "./bytes.js";

const START = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];
const BLOCK_BYTES = 64;

const turned = (word, by) => (word << (by % 32)) | (word >>> ((32 - (by % 32)) % 32));
const p0 = (word) => word ^ turned(word, 9) ^ turned(word, 17);
const p1 = (word) => word ^ turned(word, 15) ^ turned(word, 23);

export function sm3(bytes) {
  const message = padded(bytes);
  const view = new DataView(message.buffer);
  let state = Int32Array.from(START);
  for (let at = 0; at < message.length; at += BLOCK_BYTES) state = compressed(state, expanded(view, at));
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, at) => digest.setInt32(4 * at, word));
  return new Uint8Array(digest.buffer);
}

// A one bit, zeros, and the length in bits as 64 bits, to whole blocks.
function padded(bytes) {
  const zeros = (BLOCK_BYTES - ((bytes.length + 9) % BLOCK_BYTES)) % BLOCK_BYTES;
  const end = new DataView(new ArrayBuffer(1 + zeros + 8));
  end.setUint8(0, 0x80);
  end.setBigUint64(1 + zeros, BigInt(bytes.length) * 8n);
  return concat([bytes, new Uint8Array(end.buffer)]);
}

// The 68 words W of a block (§5.3.2).
function expanded(view, at) {
  const words = new Int32Array(68);
  for (let j = 0; j < 16; j++) words[j] = view.getInt32(at + 4 * j);
  for (let j = 16; j < 68; j++) {
    const mixed = p1(words[j - 16] ^ words[j - 9] ^ turned(words[j - 3], 15));
    words[j] = mixed ^ turned(words[j - 13], 7) ^ words[j - 6];
  }
  return words;
}

// One compression (§5.3.3).
function compressed(state, words) {
  let [a, b, c, d, e, f, g, h] = state;
  for (let j = 0; j < 64; j++) {
    const early = j < 16;
    const ss1 = turned((turned(a, 12) + e + turned(early ? 0x79cc4519 : 0x7a879d8a, j)) | 0, 7);
    const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = early ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + (ss1 ^ turned(a, 12)) + (words[j] ^ words[j + 4])) | 0;
    const tt2 = (gg + h + ss1 + words[j]) | 0;
    [d, c, b, a] = [c, turned(b, 9), a, tt1];
    [h, g, f, e] = [g, turned(f, 19), e, p0(tt2)];
  }
  return Int32Array.from([a, b, c, d, e, f, g, h], (word, at) => word ^ state[at]);
}
