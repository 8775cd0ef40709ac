// A Node.js function that does what its event's field "do" says.

import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { registerAfterRestore, registerBeforeSnapshot } from 'snapshot_restore_node';

const randomBytesOnAPoolThread = promisify(crypto.randomBytes);
const { random } = Math; // by value, as libraries take it when they are loaded
const booted = crypto.randomUUID();
const rang = [];
const hooks = [];
let served = 0;

// A heap that must come back as it was: small objects, strings, buffers outside of V8's heap.
const table = new Map();
for (let i = 0; i < 50_000; i++) {
  table.set('key' + i, { number: i, text: 'value ' + i });
}
const buffers = Array.from({ length: 64 }, (_, i) => Buffer.alloc(1 << 16, 'buffer ' + i));

// State that clones would share: values drawn ahead, generators of threads, keys of a server.
Math.random();
crypto.randomInt(10);
privateKey();
await Promise.all([1, 2, 3, 4].map(() => randomBytesOnAPoolThread(8)));
const server = tls.createServer().listen(8443);

registerBeforeSnapshot(() => {
  hooks.push('before');
  setTimeout(() => rang.push(Math.random()), 1); // falls due while the process is frozen
});
registerAfterRestore(async () => {
  await sleep(1);
  hooks.push('after');
});

function echo(event) {
  return { echo: event, served, booted, pid: process.pid };
}

/** Depends on every part of the heap. */
function digest() {
  const hash = crypto.createHash('sha256');
  for (const [key, { number, text }] of table) {
    hash.update(key + number + text);
  }
  for (const buffer of buffers) {
    hash.update(buffer);
  }
  return { digest: hash.digest('hex'), served };
}

/** OpenSSL has a generator apart for what must stay secret. */
function privateKey() {
  const { privateKey: key } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return key.export({ format: 'jwk' }).d;
}

/** A thread that is started after the restore has generators of its own. */
async function inAWorker() {
  const script = "require('node:worker_threads').parentPort.postMessage(Math.random())";
  const [drawn] = await once(new Worker(script, { eval: true }), 'message');
  return drawn;
}

async function draw() {
  return {
    random: Math.random(),
    randomByValue: random(),
    randomUUID: crypto.randomUUID(),
    randomInt: crypto.randomInt(2 ** 47),
    randomBytes: crypto.randomBytes(16).toString('hex'),
    getRandomValues: crypto.getRandomValues(new Uint32Array(4)).join(),
    webcryptoUUID: globalThis.crypto?.randomUUID() ?? crypto.webcrypto.randomUUID(),
    poolThread: (await randomBytesOnAPoolThread(16)).toString('hex'),
    privateKey: privateKey(),
    worker: await inAWorker(),
    ticketKeys: server.getTicketKeys().toString('hex'),
    logStream: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}

/** Draws once the test has made a file in the instance's socket directory. */
async function drawAtTheGate() {
  while (!fs.existsSync('/run/rekindle/go')) {
    await sleep(50);
  }
  return draw();
}

function clocks(event, context) {
  return {
    now: Date.now(),
    timeOfDay: performance.timeOrigin + performance.now(),
    monotonic: performance.now(),
    remainingMs: context.getRemainingTimeInMillis(),
  };
}

async function timers() {
  while (rang.length === 0) {
    await sleep(1);
  }
  return { rang, hooks };
}

const blank = Buffer.alloc(1 << 20);

/** Fills and frees memory of all kinds; the digest must not change by it. */
function churn(event) {
  for (let round = 0; round < event.rounds; round++) {
    const garbage = [];
    for (let i = 0; i < 20_000; i++) {
      garbage.push({ i, text: 'garbage ' + i * round });
    }
    for (let i = 0; i < 10; i++) {
      const zeros = Buffer.alloc(1 << 20);
      if (!zeros.equals(blank)) {
        throw new Error('fresh memory is not zero');
      }
      zeros.fill(round + 1);
      garbage.push(zeros);
    }
  }
  return digest();
}

function throwLater() {
  setTimeout(() => {
    throw new RangeError('out of reach');
  }, 1);
  return new Promise(() => setInterval(() => {}, 1000));
}

const actions = { clocks, churn, digest, draw, drawAtTheGate, throwLater, timers };

export const handler = async (event, context) => {
  served++;
  return (actions[event?.do] ?? echo)(event, context);
};
