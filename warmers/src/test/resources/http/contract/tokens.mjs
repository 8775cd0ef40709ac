// The same server, started from an ES module.

import './tokens.js';
