'use strict';

// Clones must not be twins: renews what was frozen and must differ in every clone.
//
// Renewed: the environment (TZ takes effect), Math.random, OpenSSL's generator (so crypto.randomBytes,
// randomFill, generateKey, crypto.getRandomValues and TLS), the buffers that these have filled (see
// pools.js), the values that crypto.randomUUID and crypto.randomInt draw ahead, the ticket keys of listening TLS servers, the TLS sessions that
// https.globalAgent remembers (forgotten before the checkpoint), the log stream's name, and
// performance.timeOrigin, so that timeOrigin + now() is the time of day again.
// Needs nothing: Date, which Node.js asks the kernel for each time.
//
// Cannot be renewed: the seed of V8's hashes, since every Map in memory is laid out by it; the
// process id, which all clones of a snapshot share; Math.random of other vm contexts, also of new
// ones, which V8 seeds from a frozen state; Math.random, randomUUID and randomInt of worker threads
// that were started before the checkpoint (later ones are safe); TLS sessions and keys in other
// agents and contexts.
// Generators of other libraries need a hook of the function's own:
// require('snapshot_restore_node').registerAfterRestore.

const hooks = require('./hooks.js');
const native = require('./native.js');
const pools = require('./pools.js');
const random = require('./random.js');
const { Fault } = require('./faults.js');

// How many values Node.js draws ahead (lib/internal/crypto/random.js, the same since v14.10):
// after so many more calls each cached one has been used up and drawn anew.
const CACHED_UUIDS = 128;
const CACHED_INTEGERS = 1024;

const { from } = Buffer; // by value: functions replace what is global
const { now } = Date;
const { toISOString } = Date.prototype;
const RealDate = Date;

// Found before the checkpoint, because looking for them later would cost each clone.
let drawnAhead = [];
let tlsServers = [];
let clock;

/** Refuses a checkpoint whose clones would draw the same numbers. */
exports.check = () => {
  if (process.versions.openssl !== undefined && !native.canReseed()) {
    throw new Fault(
      'Runtime.CannotReseed',
      `this build of Node.js (${process.execPath}) hides OpenSSL's random generator, so clones` +
        " would draw the same numbers; use Debian's or nodejs.org's build for snapshots",
    );
  }
};

/** Finds, before a checkpoint, what is to be renewed after it. */
exports.prepare = () => {
  drawnAhead =
    !pools.coversCaches && isLoaded('internal/crypto/random')
      ? cachesOf(require('node:crypto'))
      : [];
  tlsServers = isLoaded('_tls_wrap') ? listeningServersOf(require('node:tls')) : [];
  clock = performance; // loads it: a clone that asks for it first would get the time of the boot
  if (isLoaded('https')) {
    forgetSessions(require('node:https').globalAgent);
  }
};

/** Renews everything from the request's entropy, then runs the function's hooks. */
exports.renew = async (header) => {
  for (const [name, value] of Object.entries(header.environment ?? {})) {
    process.env[name] = value; // of TZ Node.js takes notice
  }
  exports.renewGenerators(from(header.entropy, 'hex'));
  exports.nameLogStream(from(header.entropy, 'hex').subarray(16, 32));
  await hooks.runAfterRestore();
};

/** Renews what draws random values, and the clock. */
exports.renewGenerators = (entropy) => {
  renewTimeOrigin();
  random.seed(entropy.subarray(0, 16));
  if (native.canReseed()) {
    native.reseed(entropy.subarray(32));
  }
  pools.refill();
  for (const [draw, count] of drawnAhead) {
    for (let i = 0; i < count; i++) {
      draw();
    }
  }
  for (const server of tlsServers) {
    server.setTicketKeys(require('node:crypto').randomBytes(48));
  }
};

/** The monotonic clock stood still while the process was frozen; the time of day did not. */
function renewTimeOrigin() {
  Object.defineProperty(clock, 'timeOrigin', {
    value: now() - clock.now(),
    configurable: true,
    enumerable: true,
    writable: false,
  });
}

/** Gives this instance a log stream name of its own, in Lambda's form. */
exports.nameLogStream = (bytes) => {
  const day = toISOString.call(new RealDate()).slice(0, 10).replaceAll('-', '/');
  const version = process.env.AWS_LAMBDA_FUNCTION_VERSION ?? '';
  process.env.AWS_LAMBDA_LOG_STREAM_NAME = `${day}/[${version}]${bytes.toString('hex')}`;
};

/** Whether one of Node's own modules may be in memory; to ask for it would bring it there. */
function isLoaded(name) {
  return process.moduleLoadList?.includes('NativeModule ' + name) ?? true;
}

function cachesOf({ randomUUID, randomInt }) {
  return [
    [() => randomUUID(), CACHED_UUIDS],
    [() => randomInt(2), CACHED_INTEGERS],
  ];
}

function listeningServersOf(tls) {
  const active = process._getActiveHandles?.() ?? [];
  return active.filter((handle) => handle instanceof tls.Server);
}

/** A session that two clones resume would tell the server that they are one. */
function forgetSessions(agent) {
  const cache = agent?._sessionCache;
  if (cache?.map !== undefined && Array.isArray(cache.list)) {
    agent._sessionCache = { map: {}, list: [] };
  }
}
