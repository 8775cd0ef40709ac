'use strict';

// Standard output, and the console as Lambda sets it up: its lines carry time, request and level, as
// text or, with AWS_LAMBDA_LOG_FORMAT=JSON, as objects. AWS_LAMBDA_LOG_LEVEL silences lower levels.

const util = require('node:util');
const native = require('./native.js');

/** In rising order, with the methods of the console that write them. */
const LEVELS = {
  TRACE: ['trace'],
  DEBUG: ['debug'],
  INFO: ['info', 'log'],
  WARN: ['warn'],
  ERROR: ['error'],
  FATAL: ['fatal'],
};

const { stringify } = JSON;
const { toISOString } = Date.prototype;
const { format } = util;
const RealDate = Date;
const from = Buffer.from.bind(Buffer);
const asJson = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';

let requestId;
let tenantId;

/** From now on log lines bear this invocation's id. */
exports.serving = (header) => {
  requestId = header.requestId;
  tenantId = header.tenantId;
};

/** Writes text to the function's log at once: nothing is left to flush before a reply. */
function write(text) {
  native.send(1, from(text));
}

function time() {
  return toISOString.call(new RealDate());
}

function line(level, text) {
  write(`${time()}\t${requestId ?? ''}\t${level}\t${text}\n`);
}

/** One line that is a JSON object; a message by itself stays what it is, also an object. */
function object(level, values) {
  const entry = { timestamp: time(), level, requestId, tenantId };
  if (values.length === 1) {
    try {
      write(stringify({ ...entry, message: values[0] }, withErrors) + '\n');
      return;
    } catch {
      entry.message = format(values[0]);
    }
  } else {
    entry.message = format(...values);
    Object.assign(entry, describe(values.find((value) => value instanceof Error)));
  }
  write(stringify(entry) + '\n');
}

function withErrors(name, value) {
  return value instanceof Error ? { ...describe(value), ...value } : value;
}

function describe(error) {
  return (
    error && {
      errorType: error.constructor?.name ?? 'UnknownError',
      errorMessage: error.message,
      stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : error.stack,
    }
  );
}

/** Takes over the console, and has what functions write to the streams themselves go out at once. */
exports.install = () => {
  const names = Object.keys(LEVELS);
  const lowest = names.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  names.forEach((level, rank) => {
    for (const method of LEVELS[level]) {
      console[method] = rank < lowest && level !== 'FATAL' ? () => {} : printer(level, method);
    }
  });
  for (const name of ['stdout', 'stderr']) {
    makeBlocking(name);
  }
};

function printer(level, method) {
  if (asJson) {
    // At least one value: the first is a parameter of its own in Lambda's client.
    return (first, ...values) => object(level, [first, ...values]);
  }
  return (...values) => {
    let text = format(...values);
    if (method === 'trace') {
      text = stackOf(text, console[method]);
    }
    line(level, text);
  };
}

function stackOf(text, below) {
  const trace = { name: 'Trace', message: text };
  Error.captureStackTrace(trace, below);
  return trace.stack;
}

const streams = {};

// Node would queue what a full pipe does not take, and lose it when the process ends. Done when the
// function first asks for the stream: making streams costs memory and time.
function makeBlocking(name) {
  const { get, ...rest } = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, {
    ...rest,
    get() {
      const stream = get.call(process);
      if (stream !== streams[name]) {
        streams[name] = stream;
        stream?._handle?.setBlocking?.(true);
      }
      return stream;
    },
  });
}

/** Node's streams of standard output and error, as far as the function has asked for them. */
exports.streams = () => Object.values(streams);

/** Writes a line in the words of the platform. */
exports.log = (level, text) => (asJson ? object(level, [text]) : line(level, text));

/** Writes a reported error to the function's log. */
exports.logFault = (what, { errorType, errorMessage, trace }) => {
  if (asJson) {
    object('ERROR', [{ errorType, errorMessage, stackTrace: trace }]);
  } else {
    line('ERROR', `${what} \t${stringify({ errorType, errorMessage, stack: trace })}`);
  }
};
