'use strict';

// Loaded by every Node.js of a function that serves HTTP, before its own code (by NODE_OPTIONS): has
// the generators of random values renewed after a restore, without the function's doing anything.
// Written so that also versions parse it that are too old for the rest: these go without.

try {
  if (
    Number(process.versions.node.split('.')[0]) >= 18 &&
    require('worker_threads').isMainThread !== false
  ) {
    require('./_rekindle/door.js').open();
  }
} catch (error) {
  process._rawDebug('Rekindle cannot renew random generators in clones of this process: ' + error);
}
