'use strict';

// Errors in the form in which Lambda reports them: type, message, stack trace.

const path = require('node:path');
const { isNativeError } = require('node:util').types;
const { callbacks } = require('./contract.js');

// Bounds of a reported error: at most 3 bytes for each UTF-16 unit, and 6 for a control character,
// keep its header under the protocol's limit of 1 MiB.
const MAX_MESSAGE_UNITS = 65536;
const MAX_FRAME_UNITS = 500;
const MAX_FRAMES_EACH_END = 100;

/** What Lambda's clients report of an error that cannot be read. */
const UNREADABLE = {
  errorType: 'handled',
  errorMessage:
    'callback called with Error argument, but there was a problem while retrieving one or more' +
    ' of its message, name, and stack',
};

const RUNTIME = path.dirname(__dirname) + path.sep;

/** A failure with an error type of Lambda's own, such as Runtime.HandlerNotFound. */
class Fault extends Error {
  constructor(errorType, message, trace = []) {
    super(message);
    this.errorType = errorType;
    this.trace = trace;
  }
}

/** The fields of a reported error, each cut to a size that fits a header. */
function fault(errorType, errorMessage, trace = []) {
  let frames = trace.map((frame) => frame.slice(0, MAX_FRAME_UNITS));
  if (frames.length > 2 * MAX_FRAMES_EACH_END) {
    frames = [
      ...frames.slice(0, MAX_FRAMES_EACH_END),
      `    ... ${frames.length - 2 * MAX_FRAMES_EACH_END} frames left out ...`,
      ...frames.slice(-MAX_FRAMES_EACH_END),
    ];
  }
  return {
    errorType: shown(errorType)?.slice(0, MAX_FRAME_UNITS),
    errorMessage: shown(errorMessage)?.slice(0, MAX_MESSAGE_UNITS),
    trace: frames.map(shown),
  };
}

/** DEL is written as Lambda's clients write it. */
function shown(text) {
  return text === undefined ? undefined : String(text).replaceAll('\x7f', '%7F');
}

/** Turns whatever was thrown into the fields of a reported error. */
function describe(thrown, mayAsk = true) {
  if (thrown instanceof Fault) {
    return fault(thrown.errorType, thrown.message, thrown.trace);
  }
  try {
    if (isError(thrown)) {
      if (callbacks && typeof thrown.stack !== 'string') {
        return UNREADABLE;
      }
      return fault(thrown.name, thrown.message, framesOfTheFunction(thrown.stack));
    }
    return fault(typeof thrown, String(thrown));
  } catch (error) {
    // What has no text is reported by the error that says so.
    return mayAsk && !isError(thrown) ? describe(error, false) : UNREADABLE;
  }
}

/** Also true of errors of other contexts and of objects that pass for errors, as on Lambda. */
function isError(thrown) {
  return (
    isNativeError(thrown) ||
    thrown instanceof Error ||
    (callbacks &&
      typeof thrown === 'object' &&
      thrown !== null &&
      typeof thrown.name === 'string' &&
      typeof thrown.message === 'string' &&
      typeof thrown.stack === 'string')
  );
}

/** The stack as Node prints it, without the platform's frames and what called them. */
function framesOfTheFunction(stack) {
  const lines = typeof stack === 'string' ? stack.split('\n') : [];
  const first = lines.findIndex((line) => /^ {4}at /.test(line) && line.includes(RUNTIME));
  return first < 0 ? lines : lines.slice(0, first);
}

module.exports = { Fault, fault, describe };
