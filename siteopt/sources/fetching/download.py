"""Bounded HTTP download with retries, resumption and checks of what came.

Back-off is exponential and heeds ``Retry-After`` (RFC 9110, section 10.2.3); a download that was
cut off goes on by a range request guarded by ``If-Range`` (RFC 9110, section 13.1.5).
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3

from siteopt.errors import FetchError
from siteopt.layers.catalogue import file_hash
from siteopt.sources.fetching.answer_kinds import must_be_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from siteopt.sources.fetching.answer_kinds import AnswerKind
    from siteopt.sources.fetching.bounds import Bounds

__all__ = ["Downloaded", "Request", "download"]

_LOG: Final = logging.getLogger(__name__)
_CHUNK: Final = 1 << 16
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which a later attempt may succeed."""
_PARTIAL: Final = 206
_BEYOND: Final = 416
_OK: Final = 200
_AGENT: Final = "siteopt (siting of data centres; layers fetch)"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a server.

    Attributes
    ----------
    url : str
        Address, ``http`` or ``https``.
    form : mapping of str to str, optional
        Fields of a form: the request is a POST then, and is never resumed.
    kind : {'json', 'tiff', 'zip', 'xml', 'osm', 'csv', 'pbf', 'any'}
        What the answer must be.
    sha256 : str, optional
        Checksum that the source publishes.
    """

    url: str
    kind: AnswerKind
    form: Mapping[str, str] | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A download as the catalogue records it.

    Attributes
    ----------
    url : str
        Address that was asked, without user name, password and query.
    bytes : int
        Size of the file.
    sha256 : str
        Its checksum.
    attempts : int
        Attempts that it took.
    """

    url: str
    bytes: int
    sha256: str
    attempts: int


class _Again(Exception):  # noqa: N818 - no error of the program: the attempt is made again
    """A failure after which a later attempt may succeed."""

    def __init__(self, reason: str, asked_s: float | None = None) -> None:
        super().__init__(reason)
        self.asked_s = asked_s


def download(
    request: Request,
    target: Path,
    bounds: Bounds,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Downloaded:
    """Download a file, whole or not at all.

    Parts are kept beside the target as ``NAME.part`` while the download lasts; a later call goes
    on from there where the server still has the same file. The target itself is replaced at the
    end only.

    Parameters
    ----------
    request : Request
        What is asked for.
    target : Path
        Where the file goes.
    bounds : Bounds
        Of time, size and attempts.
    sleep, clock : callable, optional
        Pause and clock in seconds, for tests.

    Returns
    -------
    Downloaded
        What came.

    Raises
    ------
    FetchError
        With the address and the reason, if the file did not come within the bounds or is not what
        was asked for; the old file is there still.
    """
    transfer = _Transfer(request, target, bounds, clock() + bounds.total_s, clock)
    attempt = 1
    while True:
        try:
            return transfer.attempt(attempt)
        except _Again as again:
            if attempt >= bounds.attempts:
                raise transfer.failure(f"{again} ({attempt} attempts)") from again
            attempt += 1
            pause_s = bounds.pause_before(attempt, again.asked_s)
            if clock() + pause_s > transfer.deadline:
                raise transfer.failure(
                    f"{again}; the next attempt would be after the {bounds.total_s:g} s that a "
                    "download may take"
                ) from again
            _LOG.info("%s: %s; again in %.0f s", transfer.shown_url, again, pause_s)
            sleep(pause_s)


class _Transfer:
    """One download over all its attempts."""

    def __init__(
        self,
        request: Request,
        target: Path,
        bounds: Bounds,
        deadline: float,
        clock: Callable[[], float],
    ) -> None:
        self.request = request
        self.target = target
        self.bounds = bounds
        self.deadline = deadline
        self.clock = clock
        self.shown_url = _without_secrets(request.url)
        self.part = target.with_name(f"{target.name}.part")
        self.tag_file = target.with_name(f"{target.name}.part.tag")

    def failure(self, reason: str) -> FetchError:
        return FetchError(f"{self.shown_url}: {reason}; {self.target.name} is left as it was")

    def attempt(self, number: int) -> Downloaded:
        try:
            with self._answer() as answer:
                self._must_be_good(answer)
                self._receive(answer)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _Again(_reason(error)) from error
        except urllib3.exceptions.ReadTimeoutError as error:
            raise _Again("the server fell silent") from error
        except urllib3.exceptions.ProtocolError as error:
            raise _Again("the answer was cut off") from error
        except requests.RequestException as error:
            raise self.failure(_reason(error)) from error
        return self._finished(number)

    def _answer(self) -> requests.Response:
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
        limits = (self.bounds.connect_s, self.bounds.silence_s)
        if self.request.form is not None:
            self._forget_part()
            return requests.post(
                self.request.url, data=dict(self.request.form), headers=headers, timeout=limits,
                stream=True,
            )  # fmt: skip
        if self.part.is_file() and self.tag_file.is_file():
            headers["Range"] = f"bytes={self.part.stat().st_size}-"
            headers["If-Range"] = self.tag_file.read_text(encoding="utf-8")
        return requests.get(self.request.url, headers=headers, timeout=limits, stream=True)

    def _must_be_good(self, answer: requests.Response) -> None:
        status = answer.status_code
        if status in _AGAIN:
            raise _Again(f"the server answered {status} {answer.reason}", _asked_pause_s(answer))
        if status == _BEYOND:
            self._forget_part()
            raise _Again("the server has another file than the part that came before")
        if status not in {_OK, _PARTIAL}:
            raise self.failure(f"the server answered {status} {answer.reason}")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise self.failure("the answer is compressed, which was not asked for")
        length = answer.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > self.bounds.bytes_max:
            raise self.failure(self._too_large(int(length)))

    def _too_large(self, size: int) -> str:
        return f"{size:,} bytes, more than the {self.bounds.bytes_max:,} that are taken"

    def _receive(self, answer: requests.Response) -> None:
        """Write the answer behind the part that is there, and check that all of it came."""
        resumed = answer.status_code == _PARTIAL
        if not resumed:
            self._forget_part()
        tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if tag and not tag.startswith("W/"):
            self.tag_file.write_text(tag, encoding="utf-8")
        before = self.part.stat().st_size if resumed else 0
        size = before
        with self.part.open("ab") as out:
            # read1 gives what is there: `iter_content` would wait for a whole chunk, and a server
            # that sends a byte a minute would never be found out
            while chunk := answer.raw.read1(_CHUNK):
                size += len(chunk)
                if size > self.bounds.bytes_max:
                    self._forget_part()
                    raise self.failure(self._too_large(size))
                if self.clock() > self.deadline:
                    raise self.failure(
                        f"{size:,} bytes in {self.bounds.total_s:g} s, which is all the time there is"
                    )
                out.write(chunk)

    def _finished(self, attempts: int) -> Downloaded:
        size = self.part.stat().st_size
        try:
            must_be_kind(self.part, self.request.kind)
            digest = file_hash(self.part)
            _must_match(digest, self.request.sha256)
        except FetchError as error:
            self._forget_part()
            raise self.failure(str(error)) from error
        self.tag_file.unlink(missing_ok=True)
        self.part.replace(self.target)
        return Downloaded(self.shown_url, size, digest, attempts)

    def _forget_part(self) -> None:
        self.part.unlink(missing_ok=True)
        self.tag_file.unlink(missing_ok=True)


def _must_match(digest: str, published: str | None) -> None:
    if published is not None and digest != published:
        raise FetchError(f"sha256 is {digest}, and the source says {published}")


def _asked_pause_s(answer: requests.Response) -> float | None:
    """Return the seconds of ``Retry-After``, which is a number of them or a date."""
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return "the server fell silent"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached, or the connection broke"
    return f"cannot be asked ({type(error).__name__})"


def _without_secrets(url: str) -> str:
    """Return an address without user, password and query, which may hold keys."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
