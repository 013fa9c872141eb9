"""A server on the loopback that answers as a test tells it to, badly above all."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """What was asked, and where."""

    url: str
    asked: list[Asked] = field(default_factory=list)


Handler = BaseHTTPRequestHandler


@contextmanager
def serving(answer: Callable[[Handler, Asked, int], None]) -> Iterator[Server]:
    """Serve until the end of the block; ``answer`` gets handler, request and its number from 1."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            server.asked.append(asked)
            answer(self, asked, len(server.asked))

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Clients that hang up are part of the tests."""

    with Quiet(("127.0.0.1", 0), Answering) as http:
        server = Server(f"http://127.0.0.1:{http.server_port}")
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def send(handler: Handler, status: int, body: bytes = b"", **headers: str) -> None:
    """Send a whole answer; underscores in names of headers stand for hyphens."""
    handler.send_response(status)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("Content-Length", str(len(body)))
    for name, value in given.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
