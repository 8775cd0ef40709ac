'use strict';

// Handlers that settle more than once, or with nothing: what counts is Lambda's choice.

const { setTimeout: sleep } = require('node:timers/promises');

exports.asyncCallback = async (event, context, callback) => {
  callback(null, { ok: 1 });
};

exports.awaited = async (event, context, callback) => {
  await sleep(20);
  callback(null, { ok: 2 });
};

exports.middleware = (event, context, callback) =>
  Promise.resolve({ mw: 1 }).then((result) => callback(null, result), callback);

exports.both = (event, context, callback) => {
  callback(null, 'callback');
  return Promise.resolve('promise');
};

exports.throwsAfterwards = (event, context, callback) => {
  callback(null, 1);
  throw new Error('afterwards');
};

exports.twice = (event, context, callback) => {
  callback(null, 1);
  callback(null, 2);
};

exports.settlesFirst = (event, context, callback) => {
  setTimeout(() => callback(null, 'late'), 20);
  return Promise.resolve(undefined);
};

exports.succeedsInAsync = async (event, context) => {
  context.succeed('succeed');
  return 'returned';
};

exports.throwsNothing = () => {
  throw undefined;
};

exports.callsWithNothing = (event, context, callback) => callback(undefined);

exports.returnsAValue = () => 5;

exports.neverSettles = async () => new Promise(() => {});

exports.callsWithText = (event, context, callback) => callback('out');

exports.callsWithZero = (event, context, callback) => callback(0);

exports.callsWithABigInt = (event, context, callback) => callback(null, 1n);

exports.rejectsNothing = () => Promise.reject(undefined);

exports.failsNothing = (event, context) => context.fail();

exports.failsThenSettles = (event, context, callback) => {
  callback(new RangeError('first'));
  return Promise.resolve('then');
};

exports.withoutStack = async () => {
  throw Object.assign(new Error('x'), { stack: undefined });
};

exports.context = async (event, context) => ({
  trace: process.env._X_AMZN_TRACE_ID,
  client: context.clientContext,
  identity: context.identity,
  tenant: context.tenantId,
  arn: context.invokedFunctionArn,
});
