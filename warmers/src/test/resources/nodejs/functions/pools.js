'use strict';

// Buffers that packages fill with random bytes ahead, and those that are the program's own.

const crypto = require('node:crypto');
const { randomFillSync } = crypto; // by value, as packages take it

/** As an id package does: a pool from which ids are cut. */
const pool = Buffer.allocUnsafe(128 * 21);
randomFillSync(pool);
let at = 0;

/** As another does: the ids are views, and bits are set in them. */
const batch = crypto.randomBytes(16 * 64);
const [first] = [batch.subarray(0, 16)];
first[6] = (first[6] & 0x0f) | 0x40;
const consumed = first.toString('hex');

const words = crypto.getRandomValues(new Uint32Array(64));
const web = globalThis.crypto?.getRandomValues(new Uint8Array(100));
const part = crypto.randomFillSync(new Float64Array(40), 3, 30);
const arrayBuffer = crypto.randomFillSync(new ArrayBuffer(48));
const id = crypto.randomBytes(16);
const changed = crypto.randomBytes(16);
changed[0] ^= 1;
const zeros = Buffer.from(part.buffer, 0, 24).toString('hex');

let late;
const filled = new Promise((resolve, reject) =>
  crypto.randomFill(Buffer.alloc(24), (error, buffer) => (error ? reject(error) : resolve(buffer))),
).then((buffer) => (late = buffer));

let lateBytes;
const drawn = new Promise((resolve, reject) =>
  crypto.randomBytes(24, (error, buffer) => (error ? reject(error) : resolve(buffer))),
).then((buffer) => (lateBytes = buffer));

exports.handler = async () => {
  await Promise.all([filled, drawn]);
  at += 21;
  return {
    pool: pool.toString('base64', at - 21, at),
    batch: batch.toString('hex', 16, 32),
    'kept: consumed of the batch': batch.toString('hex', 0, 16) === consumed,
    words: words.join(),
    web: web?.join() ?? at,
    part: part.slice(3, 33).join(),
    'kept: around the part': Buffer.from(part.buffer, 0, 24).toString('hex') === zeros,
    arrayBuffer: Buffer.from(arrayBuffer).toString('hex'),
    id: id.toString('hex'),
    'kept: changed': changed.toString('hex'),
    late: late.toString('hex'),
    lateBytes: lateBytes.toString('hex'),
    randomUUID: crypto.randomUUID(),
    randomInt: crypto.randomInt(2 ** 47),
  };
};

/** Draws many values in one turn; megabytes that stay. */
exports.many = async () => {
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 100_000; i++) {
    crypto.randomBytes(16);
  }
  return (process.memoryUsage().rss - before) / 1e6;
};
