'use strict';

// Buffers that were filled with random bytes before a snapshot. Packages draw ids ahead (nanoid,
// uuid, tracers), and Node.js itself does (randomUUID, randomInt): what lies in such a pool would be
// handed out by every clone. So it is remembered which ranges were filled, and after a restore those
// that are still in memory are filled anew, in place.
//
// Only bytes that are still what they were filled with: what the program has changed since is its
// own. A range of at most 64 bytes (an id, a key, a salt) counts as one: it is refilled as a whole
// or not at all. Longer ones are pools, and are compared in pieces. What holds a key in a buffer of
// its own gets another key in each clone, as each cold start does.

const native = require('./native.js');

const { isView } = ArrayBuffer;

/** Whether Node.js's own caches are among the ranges too. */
exports.coversCaches = false;

/** From now on ranges are remembered. */
exports.install = () => {
  const job = binding();
  if (typeof job?.RandomBytesJob === 'function') {
    job.RandomBytesJob = remembering(job.RandomBytesJob);
    exports.coversCaches = true;
  } else {
    wrapPublic(require('node:crypto'));
  }
};

/** Fills what is left of the ranges anew. */
exports.refill = () => native.refill();

/**
 * All functions of Node.js that give random bytes do so by a job of this binding, and load it when
 * they are first asked for: so it costs nothing where none is, and no public function changes.
 * Node.js 24 shows the binding no more.
 */
function binding() {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    return process.binding('crypto');
  } catch {
    return undefined;
  } finally {
    if (noDeprecation === undefined) {
      delete process.noDeprecation;
    } else {
      process.noDeprecation = noDeprecation;
    }
  }
}

function remembering(Job) {
  return class RandomBytesJob extends Job {
    #range;

    constructor(mode, buffer, offset, size) {
      super(mode, buffer, offset, size);
      this.#range = [buffer, offset, size];
    }

    run() {
      const { ondone } = this;
      if (ondone === undefined) {
        const result = super.run();
        remember(...this.#range);
        return result;
      }
      this.ondone = (...outcome) => {
        remember(...this.#range);
        return ondone.apply(this, outcome);
      };
      return super.run();
    }
  };
}

function remember(buffer, offset, size) {
  if (isView(buffer)) {
    native.remember(buffer.buffer, buffer.byteOffset + offset, size);
  } else {
    native.remember(buffer, offset, size);
  }
}

/** The way where the binding is hidden: the public functions remember, and look the same. */
function wrapPublic(crypto) {
  const { randomBytes, randomFill, randomFillSync } = crypto;
  replace(crypto, 'randomBytes', function (size, callback) {
    if (typeof callback !== 'function') {
      return filled(randomBytes.apply(this, arguments));
    }
    return randomBytes.call(this, size, (error, bytes) => callback(error, filled(bytes)));
  });
  replace(crypto, 'randomFillSync', function (buffer, offset, size) {
    return filled(randomFillSync.apply(this, arguments), offset, size);
  });
  replace(crypto, 'randomFill', function (...given) {
    const callback = given.pop();
    if (typeof callback !== 'function') {
      return randomFill.apply(this, arguments);
    }
    const [, offset, size] = given;
    return randomFill.call(this, ...given, (error, buffer) =>
      callback(error, filled(buffer, offset, size)),
    );
  });
  const web = Object.getPrototypeOf(crypto.webcrypto);
  const { getRandomValues } = web;
  replace(web, 'getRandomValues', function (array) {
    return filled(getRandomValues.apply(this, arguments));
  });
  require('node:module').syncBuiltinESMExports();
}

function replace(object, name, wrapper) {
  const original = object[name];
  Object.defineProperty(wrapper, 'name', { value: name });
  Object.defineProperty(wrapper, 'length', { value: original.length });
  object[name] = wrapper;
}

/** Offset and size count elements, as in Node.js. */
function filled(buffer, offset = 0, size = undefined) {
  if (isView(buffer)) {
    const bytes = buffer.BYTES_PER_ELEMENT ?? 1;
    const start = offset * bytes;
    remember(buffer, start, size === undefined ? buffer.byteLength - start : size * bytes);
  } else if (buffer instanceof ArrayBuffer) {
    remember(buffer, offset, size ?? buffer.byteLength - offset);
  }
  return buffer;
}
