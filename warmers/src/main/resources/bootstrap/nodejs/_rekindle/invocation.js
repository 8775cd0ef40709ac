'use strict';

// One call of the handler, in any of the styles that Lambda knows.

const { Context } = require('./context.js');
const { Fault } = require('./faults.js');
const logs = require('./logs.js');

const { parse, stringify } = JSON; // by value: functions replace them
const from = Buffer.from.bind(Buffer);

// What becomes of the invocation when the event loop runs empty before it is over.
let onEmptyLoop = () => {};

process.on('beforeExit', () => onEmptyLoop());

/** Calls the handler with the event; resolves to its result as JSON bytes. */
exports.invoke = async ({ handler, isAsync }, header, body) => {
  const context = new Context(header);
  logs.serving(context.awsRequestId);
  const event = toEvent(body);
  try {
    return toJson(await new Promise((...outcome) => call(handler, isAsync, event, context, outcome)));
  } finally {
    onEmptyLoop = () => {};
  }
};

function call(handler, isAsync, event, context, [resolve, reject]) {
  const neverSettled = () =>
    reject(
      new Fault(
        'Runtime.NodeJsExit',
        'The event loop ran empty before the handler was done: it waits for a promise that' +
          ' nothing will settle',
      ),
    );
  onEmptyLoop = isAsync ? neverSettled : () => resolve(null);

  const fail = (error) => reject(error ?? 'handled');
  const callback = (error, result) => {
    if (error !== undefined && error !== null) {
      reject(error);
    } else if (context.callbackWaitsForEmptyEventLoop) {
      onEmptyLoop = () => resolve(result);
    } else {
      resolve(result);
    }
  };
  // The ways of the first Node.js runtimes, which end the invocation at once.
  context.succeed = resolve;
  context.fail = fail;
  context.done = (error, result) =>
    error !== undefined && error !== null ? fail(error) : resolve(result);

  const returned = handler(event, context, callback);
  if (typeof returned?.then === 'function') {
    returned.then(resolve, reject);
  }
}

function toEvent(body) {
  try {
    return parse(body.toString('utf8'));
  } catch (error) {
    throw new Fault('Runtime.UnmarshalError', `Unable to unmarshal input: ${error.message}`);
  }
}

function toJson(result) {
  try {
    return from(stringify(result) ?? 'null');
  } catch (error) {
    throw new Fault('Runtime.MarshalError', `Unable to marshal response: ${error?.message}`);
  }
}
