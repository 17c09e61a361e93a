/**
 * SHA-256 (FIPS 180-4) of short inputs, without asking the browser: a proof is thousands of hashes of ninety bytes, and
 * a question to `crypto.subtle` takes far longer than such a hash.
 */

export const SHORT_BYTES = 1024;
const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

/** The first 32 bits of the fraction of a root of each of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
const PRIMES = [];
for (let number = 2; PRIMES.length < 64; number += 1) {
  if (PRIMES.every((prime) => number % prime)) {
    PRIMES.push(number);
  }
}

/** Exact: the root of a prime times 2^32, in whole numbers. */
function fraction(prime, power) {
  const wanted = BigInt(prime) << (32n * power);
  let root = 0n;
  for (let bit = 1n << 36n; bit; bit >>= 1n) {
    root = (root + bit) ** power <= wanted ? root + bit : root;
  }
  return Number(root & 0xffff_ffffn);
}

const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(prime, 2n));
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(prime, 3n));
const words = new Int32Array(64);
const padded = new Uint8Array(SHORT_BYTES + BLOCK_BYTES + LENGTH_BYTES);
const view = new DataView(padded.buffer);

/** @param {Uint8Array[]} parts together of at most SHORT_BYTES @returns {Uint8Array} */
export function sha256OfShort(parts) {
  let length = 0;
  for (const part of parts) {
    padded.set(part, length);
    length += part.length;
  }
  const end = (Math.floor((length + LENGTH_BYTES) / BLOCK_BYTES) + 1) * BLOCK_BYTES;
  padded.fill(0, length, end);
  padded[length] = 0x80;
  view.setUint32(end - 4, length * 8);
  const state = Int32Array.from(START);
  for (let at = 0; at < end; at += BLOCK_BYTES) {
    take(state, at);
  }
  const found = new Uint8Array(32);
  const out = new DataView(found.buffer);
  state.forEach((word, place) => out.setInt32(4 * place, word));
  return found;
}

const turned = (word, by) => (word >>> by) | (word << (32 - by));

/** One block (FIPS 180-4, 6.2.2). */
function take(state, at) {
  for (let t = 0; t < 16; t += 1) {
    words[t] = view.getInt32(at + 4 * t);
  }
  for (let t = 16; t < 64; t += 1) {
    const [early, late] = [words[t - 15], words[t - 2]];
    const small = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    words[t] = (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)) + words[t - 7] + small + words[t - 16];
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t += 1) {
    const chosen = (e & f) ^ (~e & g);
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + chosen + ROUNDS[t] + words[t]) | 0;
    const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, place) => {
    state[place] = (state[place] + word) | 0;
  });
}
