"""Remembers what was asked of it, and lets hooks fail if the environment says so."""

import http.server
import json
import os

seen = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def answer(self, body):
        if self.path != "/seen":
            kind = self.headers.get("Content-Type", "")
            seen.append([self.command, self.path, kind, body, self.headers.get("X-Shop", "")])
        self.send_response(500 if self.path == os.environ.get("FAILS") else 200)
        self.end_headers()
        self.wfile.write(json.dumps(seen).encode())

    def log_message(self, *arguments):
        pass


http.server.HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
