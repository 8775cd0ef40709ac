'use strict';

// One call of the handler, in any of the styles that Lambda knows, as its released clients
// (aws-lambda-ric 3.3.0 with callbacks, 4.0.2 without) take its outcome.

const { callbacks } = require('./contract.js');
const { Context, passTraceOn } = require('./context.js');
const { Fault } = require('./faults.js');
const logs = require('./logs.js');

const { parse, stringify } = JSON; // by value: functions replace them
const from = Buffer.from.bind(Buffer);
const later = setImmediate;

const nothing = () => {};

// What becomes of the invocation when the event loop runs empty before it is over.
let onEmptyLoop = nothing;

process.on('beforeExit', () => onEmptyLoop());

/** Calls the handler with the event; resolves to what the reply holds. */
exports.invoke = async (loaded, header, body) => {
  logs.serving(header);
  const event = toEvent(body);
  passTraceOn(header);
  const context = new Context(header);
  try {
    return await styleOf(loaded)(loaded.handler, event, context);
  } finally {
    onEmptyLoop = nothing;
  }
};

function styleOf({ streaming }) {
  if (streaming) {
    return callStreaming;
  }
  return callbacks ? callWithCallback : callForPromise;
}

/** Whatever settles first counts: callback, promise, context.succeed, fail or done. */
function callWithCallback(handler, event, context) {
  return new Promise((resolve, reject) => {
    let finished = false;
    // An attempt that throws, since its result has no JSON form, leaves the way open to another.
    const first =
      (settle) =>
      (...given) => {
        if (!finished) {
          settle(...given);
          finished = true;
        }
      };
    const complete = (result) => resolve({ body: toJson(result) });
    const done = (error, result) => {
      onEmptyLoop = nothing;
      if (isGiven(error)) {
        reject(error);
      } else {
        complete(result);
      }
    };
    const callback = first((error, result) => {
      onEmptyLoop = nothing;
      if (isGiven(error)) {
        reject(error);
      } else if (context.callbackWaitsForEmptyEventLoop) {
        onEmptyLoop = () => later(() => complete(result));
      } else {
        complete(result);
      }
    });
    // The ways of the first Node.js runtimes, which end the invocation at once.
    context.succeed = first((result) => done(null, result));
    context.fail = first((error) => done(isGiven(error) ? error : 'handled'));
    context.done = first(done);
    onEmptyLoop = () => complete(null);
    try {
      const returned = handler(event, context, callback);
      if (isPromise(returned)) {
        returned.then(context.succeed, context.fail)?.catch?.(context.fail);
      }
    } catch (error) {
      callback(error);
    }
  });
}

/** What the handler returns is the result, whether a promise or not. */
async function callForPromise(handler, event, context) {
  const result = await settled(async () => handler(event, context));
  await new Promise((resolve) => later(resolve));
  return { body: toJson(result) };
}

/** What the handler writes to its stream is the result. */
async function callStreaming(handler, event, context) {
  const { ResponseStream } = require('./streaming.js');
  const stream = new ResponseStream();
  await settled(async () => {
    const returned = handler(event, stream, context);
    if (!isPromise(returned)) {
      throw callbacks
        ? 'Streaming does not support non-async handlers.'
        : new Error('Streaming does not support non-async handlers.');
    }
    if ((await returned) !== undefined) {
      console.warn('Streaming handlers ignore return values.');
    }
    await stream.finished;
  });
  return { fields: { contentType: stream.contentType, streaming: true }, body: stream.content() };
}

/** Fails when the event loop runs empty first: nothing will settle the promise any more. */
function settled(call) {
  return new Promise((resolve, reject) => {
    onEmptyLoop = () =>
      reject(
        new Fault(
          'Runtime.NodeJsExit',
          'The event loop ran empty before the handler was done: it waits for a promise that' +
            ' nothing will settle',
        ),
      );
    call().then(resolve, reject);
  });
}

function isGiven(error) {
  return error !== undefined && error !== null;
}

function isPromise(value) {
  return typeof value?.then === 'function';
}

function toEvent(body) {
  try {
    return parse(body.toString('utf8'));
  } catch (error) {
    throw new Fault('Runtime.UnmarshalError', `Unable to unmarshal input: ${error.message}`);
  }
}

function toJson(result) {
  let text;
  try {
    text = stringify(result === undefined ? null : result);
  } catch (cause) {
    logs.log('ERROR', `The result has no JSON form: ${cause?.message}`);
    const error = new Error('Unable to stringify response body');
    error.name = callbacks ? 'Error' : 'Runtime.JSONStringifyError';
    throw error;
  }
  if (text === undefined) {
    logs.log('ERROR', `The result has no JSON form: it is a ${typeof result}`);
    throw new TypeError('Wrong arguments');
  }
  return from(text);
}
