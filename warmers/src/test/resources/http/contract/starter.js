'use strict';

// Starts the server and waits for it without an event loop, as many starters do.

require('node:child_process').execFileSync('node', ['tokens.js'], { stdio: 'inherit' });
