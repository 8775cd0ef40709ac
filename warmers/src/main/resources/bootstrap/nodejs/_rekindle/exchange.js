'use strict';

// The function's listening socket: one exchange for each connection, one at a time.
//
// Not over Node's own streams: functions patch them (tracing) and take SIGPIPE's handling away.

const native = require('./native.js');
const logs = require('./logs.js');
const { describe, fault } = require('./faults.js');

// A header holds names and settings, or an environment: a few KB. The bound keeps a damaged length
// from becoming an allocation.
const MAX_HEADER_BYTES = 1 << 20;
const MAX_BODY_BYTES = 256 << 20;
const CHUNK_BYTES = 1 << 18;
const NONE = Buffer.alloc(0);

const { parse, stringify } = JSON; // by value: functions replace them
const { alloc, allocUnsafe, concat, from } = Buffer;
const later = setImmediate;

/** What came in is not a request of the protocol. */
class BadFrame extends Error {}

/** The client went away in the middle of an exchange. */
class Disconnected extends Error {}

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
 * @param {Object} known the operations: functions of header and body that resolve to the result
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
    if (!(error instanceof Disconnected)) {
      answer = [{ ok: false, ...fault('Runtime.BadFrame', String(error.message)) }, NONE];
    }
    end();
    return;
  }
  run(header, body);
}

async function run(header, body) {
  try {
    answer = [{ ok: true }, await operations[header.op](header, body)];
  } catch (thrown) {
    answer = [failure(thrown), NONE];
    logs.logFault(`${header.op} failed`, answer[0]);
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
  const header = from(stringify(answer[0]));
  const lengths = alloc(8);
  lengths.writeUInt32BE(header.length, 0);
  lengths.writeUInt32BE(answer[1].length, 4);
  native.send(connection, concat([lengths.subarray(0, 4), header, lengths.subarray(4)])) &&
    native.send(connection, answer[1]);
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
  const headerBytes = readBlock(MAX_HEADER_BYTES, 'header');
  const body = readBlock(MAX_BODY_BYTES, 'body');
  const header = parse(headerBytes.toString('utf8'));
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new BadFrame('the header is not a JSON object');
  }
  if (!Object.hasOwn(operations, header.op)) {
    throw new BadFrame(`unknown operation ${stringify(header.op)}`);
  }
  return [header, body];
}

function readBlock(limit, what) {
  const size = readExactly(4).readUInt32BE();
  if (size > limit) {
    throw new BadFrame(`a ${what} of ${size} bytes is over the limit of ${limit}`);
  }
  return readExactly(size);
}

function readExactly(size) {
  // Grows with what arrives, not with what the length promises.
  const chunks = [];
  let missing = size;
  while (missing > 0) {
    const chunk = allocUnsafe(Math.min(CHUNK_BYTES, missing));
    const received = native.receive(connection, chunk);
    if (received <= 0) {
      throw new Disconnected(`end of stream after ${size - missing} of ${size} bytes`);
    }
    chunks.push(chunk.subarray(0, received));
    missing -= received;
  }
  return chunks.length === 1 ? chunks[0] : concat(chunks);
}
