'use strict';

// Leaves a job of the thread pool behind, which takes a while.

const { pbkdf2 } = require('node:crypto');

exports.handler = async () => {
  pbkdf2('word', 'salt', 3_000_000, 64, 'sha512', () => {});
};
