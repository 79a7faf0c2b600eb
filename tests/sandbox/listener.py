"""A receiver of webhooks that answers as it is told."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


class Listener:
    """An address that answers as it is told and keeps what came."""

    def __init__(self, *statuses):
        self.came = []
        listener = self
        answers = list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.came.append(
                    ({name.lower(): value for name, value in self.headers.items()}, body)
                )
                self.send_response(answers.pop(0) if answers else 202)
                self.end_headers()

            def log_message(self, *_arguments):
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"
