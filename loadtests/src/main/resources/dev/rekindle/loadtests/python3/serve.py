"""Serves heap.handler over HTTP on the unix socket named by the one argument.

It stands in for our own service where plain CRIU is measured: it does the least that a
server can do, so that nothing but CRIU counts.
"""

import json
import os
import socket
import sys

import heap


def _read(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, body = received.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += _some(connection)
    return body


def _some(connection):
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the request stopped half-way")
    return received


listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(16)
null = os.open(os.devnull, os.O_RDWR)
os.dup2(null, 1)
os.dup2(null, 2)
os.close(null)
while True:
    connection, _ = listener.accept()
    with connection:
        try:
            reply = json.dumps(heap.handler(json.loads(_read(connection)), None)).encode()
            head = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(reply)
            connection.sendall(head.encode() + reply)
        except ConnectionError:
            pass  # the client went away: the next one counts
