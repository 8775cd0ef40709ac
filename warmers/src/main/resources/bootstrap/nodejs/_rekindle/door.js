'use strict';

// The door of a process that runs without the bootstrap: a listening socket without a file, on which
// the sandbox's init says to each process that it has been restored, before the first request. What
// comes and goes are messages of the bootstrap protocol. The event loop is not kept alive by it.

const Module = require('node:module');
const path = require('node:path');
const frames = require('./frames.js');
const native = require('./native.js');
const pools = require('./pools.js');
const random = require('./random.js');
const renewal = require('./renewal.js');

/** How names of doors begin; what follows tells processes apart. */
const PREFIX = '@rekindle/door/';

const NONE = Buffer.alloc(0);
const { from } = Buffer; // by value: functions replace what is global

let listener = -1;

/** From now on restores are heard of, and what was drawn before them is known. */
exports.open = () => {
  random.install();
  pools.install();
  listen();
  standAsideOfSynchronousChildren();
  hideModules();
};

function listen() {
  const before = listener;
  listener = native.listen(PREFIX + process.pid);
  if (listener !== before) {
    native.watch(listener, () => {
      const connection = native.accept(listener, false);
      if (connection >= 0) {
        answer(connection);
      }
    });
    native.unref();
  }
  native.resume();
}

function shut() {
  native.pause();
  native.close(listener);
}

function answer(connection) {
  try {
    const [header] = frames.receive(connection);
    renewal.prepare();
    renewal.renewGenerators(from(header.entropy, 'hex'));
    frames.send(connection, { ok: true }, NONE);
  } catch (error) {
    const fault = { errorType: String(error?.name), errorMessage: String(error?.message) };
    frames.send(connection, { ok: false, ...fault }, NONE);
  } finally {
    native.close(connection);
  }
}

/**
 * While a program waits for a child without its event loop (spawnSync), as starters of other
 * programs do, it could not answer, and every restore would wait for it.
 */
function standAsideOfSynchronousChildren() {
  let children;
  try {
    children = process.binding('spawn_sync');
  } catch {
    return; // Node.js hides it
  }
  const { spawn } = children;
  children.spawn = (options) => {
    shut();
    try {
      return spawn(options);
    } finally {
      listen();
    }
  };
}

/** Programs that look into require.cache, as reloaders do, find their own modules alone. */
function hideModules() {
  const ours = path.dirname(__dirname) + path.sep;
  for (const file of Object.keys(Module._cache)) {
    if (file.startsWith(ours)) {
      delete Module._cache[file];
    }
  }
}
