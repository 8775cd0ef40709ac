'use strict';

// Runs the hooks that the function registered with snapshot_restore_node.
//
// Unlike on Lambda a process may be checkpointed more than once, so hooks stay registered.

const Module = require('node:module');

const NAME = 'snapshot_restore_node';
const OF_THE_MODULE = new RegExp(`[/\\\\]${NAME}(\\.c?js$|[/\\\\][^/\\\\]+$)`);

// Found before the checkpoint: a search costs each clone.
let found = [];

/** Last registered first; each is awaited before the next one. */
exports.runBeforeSnapshot = async () => {
  found = loaded();
  const hooks = found.flatMap((module) => [...module.getBeforeSnapshot()]);
  for (const [hook, args] of hooks.reverse()) {
    await hook(...args);
  }
  found = loaded(); // a hook may have loaded more
};

/** In the order of registration; each is awaited before the next one. */
exports.runAfterRestore = async () => {
  for (const [hook, args] of found.flatMap((module) => [...module.getAfterRestore()])) {
    await hook(...args);
  }
};

/** The platform's module or the function's own copies; not loaded, no hook can be there. */
function loaded() {
  return Object.entries(Module._cache ?? {})
    .filter(([file, module]) => OF_THE_MODULE.test(file) && isOurs(module.exports))
    .map(([, module]) => module.exports);
}

function isOurs(exported) {
  return (
    typeof exported?.getBeforeSnapshot === 'function' &&
    typeof exported?.getAfterRestore === 'function'
  );
}
