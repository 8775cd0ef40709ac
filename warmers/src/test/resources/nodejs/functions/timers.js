'use strict';

// A timer that falls due between a checkpoint and the restore.

const { registerBeforeSnapshot } = require('snapshot_restore_node');

const rang = [];
let ring;
const first = new Promise((resolve) => (ring = resolve));

registerBeforeSnapshot(() => {
  setTimeout(() => {
    rang.push(process.env.STAGE);
    ring();
  }, 1);
});

exports.handler = async (event) => {
  if (event.wait) {
    await first;
  }
  return rang;
};
