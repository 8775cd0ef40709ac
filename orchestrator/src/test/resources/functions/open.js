'use strict';

// A Node.js function that keeps things open: they must be of use after a freeze.

const childProcess = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');

const file = fs.openSync(os.tmpdir() + '/notes', 'a+');
fs.writeSync(file, 'kept ');

const child = childProcess.spawn('/bin/cat');

const worker = new Worker(
  "const { parentPort: port } = require('node:worker_threads');" +
    "port.on('message', (text) => port.postMessage(text + ' from ' + 'a thread'));",
  { eval: true },
);

let ticks = 0;
setInterval(() => ticks++, 1);

const agent = new http.Agent({ keepAlive: true });
const web = http.createServer((request, response) => response.end('web ' + request.url));
web.listen(8080, '127.0.0.1');

const socket = '/tmp/echo.sock';
net.createServer((connection) => connection.pipe(connection)).listen(socket);

async function echoed(stream, text) {
  stream.write(text);
  const [reply] = await once(stream, 'data');
  return reply.toString();
}

async function throughTheChild(text) {
  child.stdin.write(text);
  const [reply] = await once(child.stdout, 'data');
  return reply.toString();
}

async function throughTheWorker(text) {
  worker.postMessage(text);
  const [reply] = await once(worker, 'message');
  return reply;
}

async function overTheWeb(path) {
  const request = http.get({ port: 8080, path, agent });
  const [response] = await once(request, 'response');
  let text = '';
  for await (const piece of response) {
    text += piece;
  }
  return text;
}

async function overTheUnixSocket(text) {
  const connection = net.connect(socket);
  const reply = await echoed(connection, text);
  connection.destroy();
  return reply;
}

async function aTick() {
  const before = ticks;
  while (ticks === before) {
    await new Promise(setImmediate);
  }
  return 'ticks';
}

exports.handler = async (event) => ({
  file: fs.readFileSync('/proc/self/fd/' + file, 'utf8'),
  child: await throughTheChild(event.text),
  worker: await throughTheWorker(event.text),
  web: await overTheWeb('/' + event.text), // over a connection that was kept, the first time
  unix: await overTheUnixSocket(event.text),
  timer: await aTick(),
});
