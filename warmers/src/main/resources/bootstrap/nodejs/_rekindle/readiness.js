'use strict';

// The one line that tells the platform that the function is loaded, or why it is not.

const native = require('./native.js');

const { stringify } = JSON;

/** Holds a private copy of the readiness pipe until its line is written. */
exports.Readiness = class Readiness {
  #descriptor;

  constructor(descriptor) {
    this.#descriptor = native.moveAway(descriptor);
  }

  /** Whether the line has not been written yet. */
  get isOpen() {
    return this.#descriptor >= 0;
  }

  ok() {
    this.#say({ ok: true, runtimeVersion: process.versions.node });
  }

  failed(fault) {
    this.#say({ ok: false, ...fault });
  }

  #say(line) {
    native.send(this.#descriptor, Buffer.from(stringify(line) + '\n'));
    native.close(this.#descriptor);
    this.#descriptor = -1;
  }
};
