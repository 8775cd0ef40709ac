"""A server whose paths try what can go wrong between it and its clients."""

import http.server
import os
import sys
import time

PIECE = b"p" * 65536


def wait_for_gate():
    while not os.path.exists("/run/rekindle/go"):
        time.sleep(0.005)


def note(name, value):
    with open("/tmp/new", "w") as file:
        file.write(str(value))
    os.rename("/tmp/new", "/tmp/" + name)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            while True:
                length = int(self.rfile.readline(), 16)
                yield self.rfile.read(length)
                self.rfile.readline()
                if length == 0:
                    return
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            piece = self.rfile.read(min(left, 65536))
            left -= len(piece)
            yield piece

    def reply(self, status, body=b"", *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def begin_chunks(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def dispatch(self):
        path = self.path.split("?")[0]
        name = path.strip("/").replace("-", "_")
        getattr(self, "on_" + name, self.on_echo)()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_PURGE = dispatch

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "12345")
        self.end_headers()

    def on_echo(self):
        """What arrived: method and target, headers, then the body."""
        body = b"".join(self.body())
        lines = ["%s %s" % (self.command, self.path)]
        lines += ["%s: %s" % header for header in self.headers.items()]
        text = "\n".join(lines).encode() + b"\n\n" + body
        cookies = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
        self.reply(200, text, *cookies, ("Rekindle-Start", "forged"), ("X-Own", "1"))

    def on_status(self):
        self.reply(int(self.path.split("?")[1]), b"", ("ETag", '"e"'))

    def on_stream(self):
        self.begin_chunks()
        self.chunk(b"one")
        wait_for_gate()
        self.chunk(b"two")
        self.wfile.write(b"0\r\n\r\n")

    def on_gate(self):
        wait_for_gate()
        self.reply(200, b"passed")

    def on_endless(self):
        """Writes until its client is gone, and tells how far it is."""
        self.begin_chunks()
        written = 0
        try:
            while True:
                self.chunk(PIECE)
                written += len(PIECE)
                note("written", written)
        except OSError as e:
            print("client gone:", type(e).__name__, flush=True)

    def on_lazy_reader(self):
        """Reads nothing of its body before the gate opens."""
        wait_for_gate()
        self.reply(200, str(sum(map(len, self.body()))).encode())

    def on_early(self):
        """Answers without reading its body, and closes."""
        self.close_connection = True
        self.reply(413, b"too much for me")

    def on_die(self):
        os._exit(7)

    def on_die_in_reply(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")
        self.wfile.flush()
        os._exit(8)

    def on_die_in_chunks(self):
        self.begin_chunks()
        self.chunk(b"half")
        os._exit(9)

    def on_nonsense(self):
        self.wfile.write(b"no HTTP at all\r\n\r\n")
        self.close_connection = True

    def on_hangs_up(self):
        self.close_connection = True

    def on_never(self):
        time.sleep(3600)

    def on_never_ends(self):
        self.begin_chunks()
        self.chunk(b"begun")
        time.sleep(3600)

    def on_until_close(self):
        """A reply in the manner of HTTP/1.0: its end is the connection's."""
        self.close_connection = True
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nuntil close")

    def handle_expect_100(self):
        if self.path == "/silent":
            return True
        if self.path == "/refuses":
            self.reply(417, b"no thanks")
            self.close_connection = True
            return False
        return super().handle_expect_100()

    def log_message(self, *arguments):
        pass


if "exits" in sys.argv:
    sys.exit(5)
if "deaf" in sys.argv:
    time.sleep(3600)
http.server.HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
