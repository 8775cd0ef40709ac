'use strict';

// Handlers that use the language's edges. The misbehaving ones return event.n.

const childProcess = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const util = require('node:util');
const vm = require('node:vm');

exports.evaluate = async (event) => eval(event);

exports.throws = async (event) => {
  throw eval(event);
};

exports.changes_directory = async (event) => {
  process.chdir('/');
  return event.n;
};

exports.replaces_stdout = async (event) => {
  Object.defineProperty(process, 'stdout', { value: null, configurable: true });
  process.stderr.write = () => {
    throw new Error('closed');
  };
  console.log('still works');
  return event.n;
};

exports.breaks_globals = async (event) => {
  JSON.parse = JSON.stringify = null;
  Buffer.from = Buffer.alloc = Buffer.concat = null;
  globalThis.Date = { now: () => 0 };
  globalThis.setImmediate = globalThis.setTimeout = () => {};
  util.format = null;
  return event.n;
};

exports.breaks_streams = async (event) => {
  net.Socket.prototype.write = net.Server.prototype.listen = null;
  fs.writeSync = fs.readSync = fs.openSync = null;
  return event.n;
};

exports.default_sigpipe = async (event) => {
  const ignore = () => {};
  process.on('SIGPIPE', ignore);
  process.removeListener('SIGPIPE', ignore); // libuv then sets the deadly default
  return event.n;
};

/** Leaves when the test has ended the function. */
exports.spawns_a_child_that_stays = async (event) => {
  const script = 'while kill -0 $0 2>/dev/null; do sleep 0.05; done';
  childProcess.spawn('/bin/sh', ['-c', script, String(process.pid)], { stdio: 'ignore' });
  return event.n;
};

exports.closes_low_descriptors = async (event) => {
  // Not those of libuv itself, which Node.js could not live without.
  for (const name of fs.readdirSync('/proc/self/fd')) {
    let target = '';
    try {
      target = fs.readlinkSync('/proc/self/fd/' + name);
    } catch {
      continue; // the directory's own
    }
    if (Number(name) > 2 && Number(name) < 100 && !/anon_inode|pipe|\/dev\/null/.test(target)) {
      fs.closeSync(Number(name));
    }
  }
  return event.n;
};

exports.leaves_interval = async (event) => {
  setInterval(() => {}, 1);
  return event.n;
};

exports.replaces_random = async (event) => {
  Math.random = () => 0.5;
  return event.n;
};

exports.rejects_unhandled = async () => {
  Promise.reject(new RangeError('nobody looks'));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};

exports.throws_in_a_timer = async () => {
  setTimeout(() => {
    throw new RangeError('out of reach');
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};

/** The reply was on its way when it happened. */
exports.rejects_unhandled_and_returns = async (event) => {
  Promise.reject(new RangeError('nobody looks'));
  return event.n;
};

exports.logs = async () => {
  console.log('sold %d', 3, { a: 1 });
  console.warn('few left');
  console.error(new RangeError('no stock'));
  console.trace('here');
};

/** More than a pipe takes at once. */
exports.prints_much = async (event) => {
  process.stdout.write('x'.repeat(event.size) + '\n');
  console.log('y'.repeat(event.size));
  return event.size;
};

exports.prints_much_and_exits = async (event) => {
  process.stdout.write('x'.repeat(event.size) + '\n');
  process.exit(3);
};

exports.hour_at_epoch = async () => new Date(0).getHours();

exports.looks_for_gc = async () => [typeof gc, typeof vm.runInNewContext('this').gc];

exports.leaves_garbage = async (event) => {
  if (event.mb > 0) {
    const objects = [];
    for (let i = 0; i < event.mb * 10_000; i++) {
      objects.push({ i, text: 'object ' + i });
    }
  }
  return process.memoryUsage().rss / 1e6;
};

