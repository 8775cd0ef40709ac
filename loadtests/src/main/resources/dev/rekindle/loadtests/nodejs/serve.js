'use strict';

// Serves heap.handler over HTTP on the unix socket named by the one argument.
//
// It stands in for our own service where plain CRIU is measured: it does the least that a server
// can do, so that nothing but CRIU counts. So not Node's own HTTP server either.

const net = require('node:net');
const heap = require('./heap.js');

/** The body of the request, or nothing while bytes of it are missing. */
function bodyOf(received) {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) {
    return undefined;
  }
  const length = Number(/content-length: *(\d+)/i.exec(received.toString('latin1', 0, end))[1]);
  const body = received.subarray(end + 4);
  return body.length < length ? undefined : body;
}

net
  .createServer((connection) => {
    let received = Buffer.alloc(0);
    connection.on('error', () => {}); // the client went away: the next one counts
    connection.on('data', async (piece) => {
      received = Buffer.concat([received, piece]);
      const body = bodyOf(received);
      if (body !== undefined) {
        const reply = Buffer.from(JSON.stringify(await heap.handler(JSON.parse(body))));
        connection.end(
          Buffer.concat([
            Buffer.from(
              `HTTP/1.1 200 OK\r\nContent-Length: ${reply.length}\r\nConnection: close\r\n\r\n`,
            ),
            reply,
          ]),
        );
      }
    });
  })
  .listen(process.argv[2]);
