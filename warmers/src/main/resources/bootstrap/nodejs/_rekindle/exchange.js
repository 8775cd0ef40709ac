'use strict';

// The function's listening socket: one exchange for each connection, one at a time.
//
// Not over Node's own streams: functions patch them (tracing) and take SIGPIPE's handling away.

const frames = require('./frames.js');
const native = require('./native.js');
const logs = require('./logs.js');
const { describe, fault } = require('./faults.js');

const NONE = Buffer.alloc(0);

const { stringify } = JSON; // by value: functions replace them
const later = setImmediate;

let listener = -1;
let operations = {};
let connection = -1; // of the exchange that is under way
let answer; // its reply, while it waits to be sent

/** Binds the socket. */
exports.listen = (path) => {
  listener = native.listen(path);
  native.watch(listener, () => {
    const client = native.accept(listener, false);
    if (client >= 0) {
      begin(client);
    }
  });
};

/**
 * Answers requests until the process ends.
 *
 * @param {Object} known the operations: functions of header and body that resolve to the reply's body
 *     and further fields of its header, or to nothing
 */
exports.serve = (known) => {
  operations = known;
  native.resume();
};

/** Sends the last reply of a process that is about to end, and takes no more requests. */
exports.abandon = (thrown) => {
  native.close(listener);
  if (connection >= 0) {
    answer ??= [failure(thrown), NONE]; // a result that was on its way goes out still
    send();
  }
};

function begin(client) {
  native.pause();
  connection = client;
  let header;
  let body;
  try {
    [header, body] = read();
  } catch (error) {
    if (!(error instanceof frames.Disconnected)) {
      answer = [{ ok: false, ...fault('Runtime.BadFrame', String(error.message)) }, NONE];
    }
    end();
    return;
  }
  run(header, body);
}

async function run(header, body) {
  try {
    const { fields, body: result = NONE } = (await operations[header.op](header, body)) ?? {};
    answer = [{ ok: true, ...fields }, result];
  } catch (thrown) {
    answer = [failure(thrown), NONE];
    logs.logFault(header.op === 'invoke' ? 'Invoke Error' : `${header.op} failed`, answer[0]);
  }
  switch (header.op) {
    case 'invoke':
      // Rejections that nobody handles are reported before: then the process ends with this reply,
      // and is not offered a next event.
      later(end);
      break;
    case 'beforeCheckpoint':
      end(answer[0].ok);
      break;
    default:
      end();
  }
}

function failure(thrown) {
  return { ok: false, ...describe(thrown) };
}

function send() {
  frames.send(connection, ...answer);
}

/**
 * Ends the exchange.
 *
 * @param {boolean} standStill stop the event loop until the next request: between a checkpoint and
 *     the clone's renewal nothing of the function may run, least of all a timer that fell due
 */
function end(standStill = false) {
  if (answer !== undefined) {
    send();
  }
  native.close(connection);
  connection = -1;
  answer = undefined;
  if (standStill === true) {
    begin(native.accept(listener, true));
  } else {
    native.resume();
  }
}

function read() {
  const [header, body] = frames.receive(connection);
  if (!Object.hasOwn(operations, header.op)) {
    throw new frames.BadFrame(`unknown operation ${stringify(header.op)}`);
  }
  return [header, body];
}
