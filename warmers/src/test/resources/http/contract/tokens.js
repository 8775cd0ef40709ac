'use strict';

// A server that draws secrets, and knows nothing of snapshots.

const childProcess = require('node:child_process');
const crypto = require('node:crypto');
const http = require('node:http');
const { randomFillSync } = crypto;

const pool = Buffer.alloc(16 * 64);
randomFillSync(pool);
let at = 0;

const child =
  process.send === undefined
    ? childProcess.fork(__filename)
    : process.on('message', () => process.send(crypto.randomBytes(8).toString('hex')));

function draw(answer) {
  const web = new Uint8Array(8);
  const values = {
    id: pool.toString('hex', at, (at += 16)),
    uuid: crypto.randomUUID(),
    bytes: crypto.randomBytes(8).toString('hex'),
    web: Buffer.from(crypto.webcrypto.getRandomValues(web)).toString('hex'),
    integer: String(crypto.randomInt(2 ** 47)),
    'seeded: Math.random': String(Math.random()),
  };
  child.once('message', (drawn) => answer({ ...values, child: drawn }));
  child.send('draw');
}

if (process.send === undefined) {
  http
    .createServer((request, response) =>
      draw((values) => response.end(JSON.stringify(values))),
    )
    .listen(Number(process.env.PORT));
}
