'use strict';

const { registerBeforeSnapshot } = require('snapshot_restore_node');

registerBeforeSnapshot(() => {
  throw new RangeError('socket still open');
});

exports.handler = async () => null;
