"""Relay between OSMnx and an Overpass server: bounded, resumable, and checked for remarks.

OSMnx asks again without end where a server is busy, resolves names where a proxy would, holds a
whole answer in memory whatever its size, and takes an answer that ends in a remark ("runtime
error: query timed out") for complete. So it is given an address on the loopback: this relay, which
asks the real server by :func:`~siteopt.sources.fetching.download.download` and keeps each answer,
so that a stopped fetch goes on where it was. Answers and remarks: Overpass API manual, "Output
formats" and "Timeout".
"""

from __future__ import annotations

import hashlib
import json
import socket
from contextlib import contextmanager
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from siteopt.errors import FetchError
from siteopt.sources.fetching.download import Request, download

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siteopt.sources.fetching.bounds import Bounds

__all__ = ["IncompleteAnswerError", "OverpassRelay", "osmnx_through"]

_LOOPBACK: Final = "127.0.0.1"
_LARGEST_QUERY: Final = 1_000_000


class IncompleteAnswerError(FetchError):
    """An answer that the server itself calls incomplete: the area was too large for it."""


class OverpassRelay:
    """The answers of one Overpass server, asked once each.

    Parameters
    ----------
    server_url : str
        Address of the API, without ``/interpreter``.
    folder : Path
        Where answers are kept; a later relay on the same folder asks for none of them again.
    bounds : Bounds
        Of each request.

    Attributes
    ----------
    asked : int
        Requests that went to the server.
    """

    def __init__(self, server_url: str, folder: Path, bounds: Bounds) -> None:
        self._server_url = server_url.rstrip("/")
        self._folder = folder
        self._bounds = bounds
        self.asked = 0
        self.failure: FetchError | None = None

    def answer(self, query: str) -> bytes:
        """Return the answer to a query, from the folder or from the server.

        Raises
        ------
        FetchError
            If it does not come within the bounds.
        IncompleteAnswerError
            If it ends in a remark.
        """
        name = hashlib.sha256(f"{self._server_url}\n{query}".encode()).hexdigest()
        kept = self._folder / f"{name}.json"
        if not kept.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            incoming = self._folder / f"{name}.incoming"
            self.asked += 1
            request = Request(f"{self._server_url}/interpreter", "json", {"data": query})
            download(request, incoming, self._bounds)
            _must_be_complete(incoming)
            incoming.replace(kept)
        return kept.read_bytes()

    def forget(self) -> None:
        """Remove the answers that are kept."""
        for kept in self._folder.glob("*"):
            kept.unlink()
        self._folder.rmdir()


def _must_be_complete(path: Path) -> None:
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict) or not isinstance(content.get("elements"), list):
        path.unlink()
        raise FetchError("the answer is JSON, but not of an Overpass server: it has no elements")
    remark = str(content.get("remark", ""))
    if "error" in remark or "timed out" in remark:
        path.unlink()
        raise IncompleteAnswerError(f"the server could not finish ({remark})")


@contextmanager
def osmnx_through(relay: OverpassRelay) -> Iterator[None]:
    """Let OSMnx ask through a relay; its settings are as before afterwards.

    Parameters
    ----------
    relay : OverpassRelay
        Its ``failure`` holds what went wrong last, which OSMnx tells as a status code only.
    """
    import osmnx  # noqa: PLC0415 - loads networkx and much else

    settings = osmnx.settings
    before = {name: deepcopy(getattr(settings, name)) for name in settings.__annotations__}
    resolver = socket.getaddrinfo  # OSMnx puts its own in place
    with _served(relay) as url:
        try:
            settings.overpass_url = url
            settings.overpass_rate_limit = False  # the relay paces itself
            settings.use_cache = False  # the relay keeps answers
            settings.requests_timeout = int(relay._bounds.total_s)  # noqa: SLF001 - one part
            settings.requests_kwargs = {"proxies": {"http": "", "https": ""}}
            settings.overpass_settings = "[out:json][timeout:180]{maxsize}"
            yield
        finally:
            socket.getaddrinfo = resolver
            for name, value in before.items():
                setattr(settings, name, value)


@contextmanager
def _served(relay: OverpassRelay) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= _LARGEST_QUERY:
                self.send_error(413)
                return
            query = parse_qs(self.rfile.read(length).decode()).get("data", [""])[0]
            try:
                body, status = relay.answer(query), 200
            except FetchError as error:
                relay.failure, body, status = error, b"failed", 502
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the signature of the library
            """Say nothing; the relay's failures are raised where they are asked for."""

    with ThreadingHTTPServer((_LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://{_LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
