'use strict';

const { registerAfterRestore, registerBeforeSnapshot } = require('snapshot_restore_node');

const ran = [];

registerBeforeSnapshot((name) => ran.push(name), 'before1');
registerAfterRestore((name) => ran.push(name), 'after1');

// Hooks may take their time: the next one waits.
registerBeforeSnapshot(async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  ran.push('before2');
});
registerAfterRestore(async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  ran.push('after2');
});

exports.handler = async () => ran;
