'use strict';

// Which of Lambda's contracts applies: Lambda took callbacks away with Node.js 24.

const [major] = process.versions.node.split('.');

/** Whether handlers may take a callback, and find succeed, fail and done in their context. */
exports.callbacks = Number(major) < 24;
