'use strict';

const { registerAfterRestore } = require('snapshot_restore_node');

registerAfterRestore(async () => {
  throw new RangeError('no database');
});

exports.handler = async () => null;
