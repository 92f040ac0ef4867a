"""A server that stands for CloudFormation's presigned URL, and keeps what a custom resource answers."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer


class CloudFormation(HTTPServer):
    def __init__(self, status):
        super().__init__(("127.0.0.1", 0), Answer)
        self.status = status
        self.answers = []


class Answer(BaseHTTPRequestHandler):
    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *arguments):
        pass
