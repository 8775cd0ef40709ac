'use strict';

// Draws from every random source of Node.js.

const crypto = require('node:crypto');

const { random } = Math; // by value, as libraries take it when they are loaded

// Leaves state to be frozen: values drawn ahead, and one used of each.
Math.random();
crypto.randomUUID();
crypto.randomInt(1000);
crypto.randomBytes(8);

exports.handler = async (event, context) => ({
  'entropy Math.random': Math.random(),
  'entropy Math.random by value': random(),
  'log stream': context.logStreamName,
  randomUUID: crypto.randomUUID(),
  randomInt: crypto.randomInt(2 ** 47),
  randomBytes: crypto.randomBytes(8).toString('hex'),
  randomFillSync: crypto.randomFillSync(Buffer.alloc(8)).toString('hex'),
  'webcrypto.randomUUID': crypto.webcrypto.randomUUID(),
  'webcrypto.getRandomValues': crypto.webcrypto.getRandomValues(new Uint32Array(2)).join(),
  'randomBytes on a pool thread': await new Promise((resolve, reject) =>
    crypto.randomBytes(8, (e, bytes) => (e ? reject(e) : resolve(bytes.toString('hex')))),
  ),
  generateKey: crypto.generateKeySync('hmac', { length: 64 }).export().toString('hex'),
});
