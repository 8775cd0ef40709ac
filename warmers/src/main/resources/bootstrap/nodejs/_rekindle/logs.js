'use strict';

// Standard output, and the console as Lambda sets it up: its lines carry time, request and level.

const util = require('node:util');
const native = require('./native.js');

const LEVELS = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
};

const { stringify } = JSON;
const { toISOString } = Date.prototype;
const { format } = util;
const RealDate = Date;
const from = Buffer.from.bind(Buffer);

let requestId = '';

/** From now on log lines bear this invocation's id. */
exports.serving = (id) => {
  requestId = id;
};

/** Writes text to the function's log at once: nothing is left to flush before a reply. */
function write(text) {
  native.send(1, from(text));
}

function line(level, text) {
  const time = toISOString.call(new RealDate());
  write(`${time}\t${requestId}\t${level}\t${text}\n`);
}

/** Takes over the console, and has what functions write to the streams themselves go out at once. */
exports.install = () => {
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method] = (...values) => {
      let text = format(...values);
      if (method === 'trace') {
        text = stackOf(text, console[method]);
      }
      line(level, text);
    };
  }
  for (const name of ['stdout', 'stderr']) {
    makeBlocking(name);
  }
};

function stackOf(text, below) {
  const trace = { name: 'Trace', message: text };
  Error.captureStackTrace(trace, below);
  return trace.stack;
}

// Node would queue what a full pipe does not take, and lose it when the process ends. Done when the
// function first asks for the stream: making streams costs memory and time.
function makeBlocking(name) {
  const { get, ...rest } = Object.getOwnPropertyDescriptor(process, name);
  let seen;
  Object.defineProperty(process, name, {
    ...rest,
    get() {
      const stream = get.call(process);
      if (stream !== seen) {
        seen = stream;
        stream?._handle?.setBlocking?.(true);
      }
      return stream;
    },
  });
}

/** Writes a line in the words of the platform. */
exports.log = (level, text) => line(level, text);

/** Writes a reported error to the function's log. */
exports.logFault = (what, fault) => {
  const { errorType, errorMessage, stackTrace } = fault;
  line('ERROR', `${what}\t${stringify({ errorType, errorMessage, stack: stackTrace })}`);
};
