'use strict';

// Math.random for clones. V8 keeps its generator's state where nothing can reach it, so that clones
// of one snapshot would all draw the same numbers: this one can be seeded anew. It is xoshiro128**
// by Blackman and Vigna (public domain), whose quality is above that of V8's xorshift128+.

const { imul } = Math;
const state = new Int32Array(4);

function next() {
  const second = state[1];
  const product = imul(second, 5);
  const result = imul((product << 7) | (product >>> 25), 9);
  state[2] ^= state[0];
  state[3] ^= second;
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= second << 9;
  state[3] = (state[3] << 11) | (state[3] >>> 21);
  return result;
}

/** 53 random bits as a number from 0 to less than 1. */
function random() {
  const high = next() >>> 5;
  return (high * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
}

/** Takes 16 bytes as the new state; only zeros would never leave zero. */
exports.seed = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  for (let i = 0; i < 4; i++) {
    state[i] = view.getInt32(4 * i);
  }
  state[0] |= state.every((word) => word === 0) ? 1 : 0;
};

/** Puts it in the place of V8's, from which it takes its first seed. */
exports.install = () => {
  const seed = Buffer.alloc(16);
  for (let i = 0; i < 16; i += 4) {
    seed.writeUInt32BE(Math.floor(Math.random() * 0x100000000), i);
  }
  exports.seed(seed);
  Object.defineProperty(Math, 'random', {
    value: random,
    writable: true,
    enumerable: false,
    configurable: true,
  });
};
