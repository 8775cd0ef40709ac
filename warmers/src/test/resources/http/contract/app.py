"""A server for the contract of all runtimes: each path is one of its probes."""

import http.server
import os
import sys
import time

if "exits_at_boot" in sys.argv:
    sys.exit(4)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/prints":
            print("out: " + text, flush=True)
        elif self.path == "/environment":
            text = os.environ.get(text, "")
        elif self.path == "/exits":
            os._exit(3)
        elif self.path == "/sleeps":
            time.sleep(60)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


http.server.HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
