'use strict';

// Handlers in every style that Lambda knows.

exports.async = async (event) => event.n;

exports.promise = (event) => Promise.resolve(event.n);

exports.thenable = (event) => ({ then: (resolve) => resolve(event.n) });

exports.callback = (event, context, callback) => callback(null, event.n);

exports.late_callback = (event, context, callback) => {
  setTimeout(() => callback(null, event.n), 5);
};

exports.succeed = (event, context) => context.succeed(event.n);

exports.done = (event, context) => setImmediate(() => context.done(null, event.n));

exports.method = {
  factor: 1,
  handler(event) {
    return Promise.resolve(event.n * this.factor);
  },
};

let finished = 0;

/** Its result waits for what is still under way. */
exports.callback_waits = (event, context, callback) => {
  const result = { finished: 0 };
  setTimeout(() => (result.finished = ++finished), 20);
  callback(null, result);
};

/** Its result does not wait for an interval that never ends. */
exports.callback_does_not_wait = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setInterval(() => {}, 1000);
  callback(null, event.n);
};

exports.async_does_not_wait = async (event) => {
  setInterval(() => {}, 1000);
  return event.n;
};

exports.calls_nothing = () => {};

exports.never_settles = async () => new Promise(() => {});

exports.calls_twice = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  callback(null, event.n);
  callback(new Error('too late'));
};

exports.fails = (event, context, callback) => {
  switch (event.how) {
    case 'callback':
      return callback(new RangeError('no stock'));
    case 'context':
      return context.fail(new RangeError('no stock'));
    case 'promise':
      return Promise.reject(new RangeError('no stock'));
    default:
      throw new RangeError('no stock');
  }
};
