'use strict';

// Makes the process fit for a checkpoint.

const v8 = require('node:v8');
const vm = require('node:vm');
const hooks = require('./hooks.js');
const native = require('./native.js');
const renewal = require('./renewal.js');

/** Runs the function's hooks, then leaves memory small and still. */
exports.prepare = async () => {
  renewal.check();
  await hooks.runBeforeSnapshot();
  renewal.prepare();
  collectGarbage();
  native.trim();
};

// Freed memory keeps its contents and would all be stored. Measured on Node.js 20: after building
// and dropping a million objects 172 MB go down to 48 MB; with gc() alone to 83 MB, since it keeps
// the young generation as large as it has grown.
function collectGarbage() {
  // Several collections in a row would else throw away the bytecode of all that did not run
  // between them: the function would have to compile itself again in each clone.
  v8.setFlagsFromString('--no-flush-bytecode');
  if (!native.collect()) {
    gcOfAnotherContext()();
  }
  v8.setFlagsFromString('--flush-bytecode');
}

/** A gc() that the function's own global object does not get. */
function gcOfAnotherContext() {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  v8.setFlagsFromString('--no-expose-gc');
  return gc;
}
