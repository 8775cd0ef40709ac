'use strict';

// What JavaScript cannot do; see instance.c.

module.exports = require('./instance.node');
