'use strict';

// Boots a Node.js function: listens, loads the handler, says that it is ready, serves.
//
// Runs on Node.js 18 and later with its own modules and one small native addon. What belongs to the
// platform lies outside of the function's directory, and the function finds of it nothing but the
// module snapshot_restore_node (by NODE_PATH, after its own modules).

const { Readiness } = require('./_rekindle/readiness.js');
// Descriptor 3 moves out of the way first: children would inherit it.
const ready = new Readiness(3);

const checkpoint = require('./_rekindle/checkpoint.js');
const exchange = require('./_rekindle/exchange.js');
const faults = require('./_rekindle/faults.js');
const { load } = require('./_rekindle/function.js');
const invocation = require('./_rekindle/invocation.js');
const logs = require('./_rekindle/logs.js');
const native = require('./_rekindle/native.js');
const pools = require('./_rekindle/pools.js');
const random = require('./_rekindle/random.js');
const renewal = require('./_rekindle/renewal.js');
const streaming = require('./_rekindle/streaming.js');

// Exit codes of Lambda's runtime.
const UNHANDLED_REJECTION = 128;
const UNCAUGHT_EXCEPTION = 129;

random.install();
pools.install();
logs.install();
streaming.install();

/** Nothing can be trusted after such an error: the process reports it and ends, as on Lambda. */
function leave(thrown, what, code) {
  const fault = faults.describe(thrown);
  logs.logFault(what, fault);
  if (ready.isOpen) {
    ready.failed(fault);
    process.exit(1);
  }
  exchange.abandon(thrown);
  process.exit(code);
}

process.on('uncaughtException', (error) => leave(error, 'Uncaught Exception', UNCAUGHT_EXCEPTION));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, errorType, trace } = faults.describe(reason);
  const message = `${errorType}: ${errorMessage}`;
  const fault = new faults.Fault('Runtime.UnhandledPromiseRejection', message, trace);
  leave(fault, 'Unhandled Promise Rejection', UNHANDLED_REJECTION);
});
process.on('exit', (code) => {
  if (ready.isOpen) {
    const message = `the function left with exit code ${code} while it was loaded`;
    const fault = faults.fault('Runtime.ExitError', message);
    logs.logFault('Init Error', fault);
    ready.failed(fault);
    process.exitCode = 1;
  }
});

async function boot() {
  exchange.listen(process.env.REKINDLE_SOCKET);
  const name = Buffer.alloc(16);
  native.random(name);
  renewal.nameLogStream(name);
  const taskRoot = process.env.LAMBDA_TASK_ROOT ?? '/var/task';
  const loaded = await load(process.env._HANDLER ?? '', taskRoot);
  // One turn of the event loop: rejections that nobody handles are reported in it.
  await new Promise((resolve) => setImmediate(resolve));
  ready.ok();
  checkpoint.observe();
  exchange.serve({
    invoke: (header, body) => invocation.invoke(loaded, header, body),
    beforeCheckpoint: () => checkpoint.prepare(),
    afterRestore: (header) => renewal.renew(header),
  });
}

boot().catch((error) => leave(error, 'Init Error', 1));
