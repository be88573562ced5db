"""A local HTTP server that misbehaves in the ways that real ones do."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Serves `files` (bytes by path), and counts what it was asked and what it sent.

    `broken_answers` of them break off after `cut_after` bytes. `status` holds answers that come
    instead of a file, one per request (200: the file). With `ranges` false it always sends all.
    `silent`, it is asked, and then says nothing until `wake` is set. `tags` has versions by path.
    """

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.tags, self.status, self.asked, self.sent = files, {}, [], [], 0
        self.cut_after, self.broken_answers, self.ranges = None, 0, True
        self.silent, self.wake = False, threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Say nothing of clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        server.asked.append((self.path, wanted))
        status = server.status.pop(0) if server.status else 200
        if server.silent:
            server.wake.wait(20)
        elif status != 200 or self.path not in server.files:
            self.send_error(404 if status == 200 else status)
        else:
            self.send_file(server.files[self.path], wanted if server.ranges else None)

    def send_file(self, content, wanted):
        server = self.server
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted).group(1)) if wanted else 0
        body, total = content[start:], len(content)
        if wanted and not body:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{total}")
        elif wanted:
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        else:
            self.send_response(200)
        if self.path in server.tags:
            self.send_header("ETag", server.tags[self.path])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.broken_answers:
            server.broken_answers -= 1
            body = body[: server.cut_after]
            self.close_connection = True
        # Before the client can have it all, and look at the count.
        server.sent += len(body)
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Print nothing."""


@contextmanager
def serving(files):
    """Run a server of files for a while."""
    server = Server(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.wake.set()
        server.shutdown()
        thread.join()
        server.server_close()
