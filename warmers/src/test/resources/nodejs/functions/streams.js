'use strict';

// Handlers that stream their response.

const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');

const { HttpResponseStream, streamifyResponse } = awslambda;

exports.text = streamifyResponse(async (event, stream) => {
  stream.setContentType('text/plain');
  stream.write('hello ');
  stream.write('world');
  stream.end();
});

/** What is no text and no bytes goes out as JSON; the handler ends before its stream does. */
exports.pieces = streamifyResponse(async (event, stream) => {
  stream.write(Buffer.from('a'));
  stream.write({ b: 1 });
  setTimeout(() => {
    stream.write('ż');
    stream.end('c');
  }, 5);
});

exports.piped = streamifyResponse(async (event, stream) => {
  await pipeline(Readable.from(['pi', 'ped']), stream);
});

exports.http = streamifyResponse(async (event, stream) => {
  const response = HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-a': 'b' } });
  response.write('body');
  response.end();
});

exports.not_async = streamifyResponse((event, stream) => {
  stream.end('x');
});

exports.throws = streamifyResponse(async (event, stream) => {
  stream.write('some');
  throw new RangeError('no stock');
});

exports.too_late = streamifyResponse(async (event, stream) => {
  stream.write('some');
  stream.setContentType('text/plain');
});

exports.never_ends = streamifyResponse(async (event, stream) => {
  stream.write('some');
});
