'use strict';

// Messages of the bootstrap protocol: length of the header (unsigned 32-bit, big-endian), header (a
// JSON object), length of the body (likewise), body.

const native = require('./native.js');

// A header holds names and settings, or an environment: a few KB. The bound keeps a damaged length
// from becoming an allocation.
const MAX_HEADER_BYTES = 1 << 20;
const MAX_BODY_BYTES = 256 << 20;
const CHUNK_BYTES = 1 << 18;

const { parse, stringify } = JSON; // by value: functions replace them
const { alloc, allocUnsafe, concat, from } = Buffer;

/** What came in is not a message of the protocol. */
class BadFrame extends Error {}

/** The client went away in the middle of an exchange. */
class Disconnected extends Error {}

/** Sends a message; a client that is gone is no error. */
function send(connection, header, body) {
  const text = from(stringify(header));
  const lengths = alloc(8);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  native.send(connection, concat([lengths.subarray(0, 4), text, lengths.subarray(4)])) &&
    native.send(connection, body);
}

/** Waits for a message: header and body. */
function receive(connection) {
  const headerBytes = receiveBlock(connection, MAX_HEADER_BYTES, 'header');
  const body = receiveBlock(connection, MAX_BODY_BYTES, 'body');
  const header = parse(headerBytes.toString('utf8'));
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new BadFrame('the header is not a JSON object');
  }
  return [header, body];
}

function receiveBlock(connection, limit, what) {
  const size = receiveExactly(connection, 4).readUInt32BE();
  if (size > limit) {
    throw new BadFrame(`a ${what} of ${size} bytes is over the limit of ${limit}`);
  }
  return receiveExactly(connection, size);
}

function receiveExactly(connection, size) {
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

module.exports = { BadFrame, Disconnected, receive, send };
