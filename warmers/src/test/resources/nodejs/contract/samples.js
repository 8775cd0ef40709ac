'use strict';

// Handlers of the warmers' contract; see the enum Sample for what each does.

class OutOfStock extends Error {
  name = 'OutOfStock';
}

function find_stock() {
  throw new OutOfStock('no stock');
}

exports.echo = async (event) => event;

exports.context = async (event, context) => ({
  requestId: context.awsRequestId,
  name: context.functionName,
  version: context.functionVersion,
  memory: context.memoryLimitInMB,
  remainingMs: context.getRemainingTimeInMillis(),
});

exports.raises = async () => {
  find_stock();
};

exports.not_json = async () => ({ amount: 1n });

exports.prints = async (event) => {
  console.log('out: ' + event.text);
  process.stderr.write('err: ' + event.text);
};

exports.exits = async () => process.exit(3);

exports.sleeps = () => new Promise((resolve) => setTimeout(resolve, 60_000));

exports.exhausts_memory = async () => Buffer.alloc(2 ** 40).length;

exports.leaves_thread = async () => {
  const { Worker } = require('node:worker_threads');
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  await new Promise((resolve) => worker.once('online', resolve));
  return 'started';
};

exports.environment = async (event) => process.env[event.name] ?? null;
