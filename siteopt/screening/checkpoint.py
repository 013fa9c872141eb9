"""Checkpoint of a screening: judged windows in a folder, so that a stopped one goes on.

Every window is a file of its own that appears whole or not at all and carries a checksum over its
content and the fingerprint of the work: one that was cut off, changed or made from other inputs is
judged again.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import shutil
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt._files import locked_folder, write_whole
from siteopt._ownership import plain_bytes, refusal
from siteopt.errors import LayerFileError, why_not_read
from siteopt.screening.judging import JudgedWindow
from siteopt.screening.margin_counts import MarginCounts
from siteopt.screening.margins import MeasuredRules, MeasuredWindow
from siteopt.screening.windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from siteopt.screening.judging import RuleSet
    from siteopt.screening.windows import Window

__all__ = ["Checkpoint", "checkpoint_beside"]

_LOG: Final = logging.getLogger(__name__)

_STATE: Final = "work.json"
_WINDOWS: Final = "windows"
_FAST: Final = 1


@contextmanager
def checkpoint_beside(path: Path, fingerprint: str) -> Iterator[Checkpoint]:
    """Give the checkpoint of a file; it is gone when the file is there, and stays after an error.

    Parameters
    ----------
    path : Path
        The file that is to be made. The checkpoint is a hidden folder beside it.
    fingerprint : str
        Hash of all that the content depends on; windows of another one are taken away.

    Raises
    ------
    LayerFileError
        If the folder cannot be made, is another user's, or another process makes the same file.
    """
    folder = path.with_name(f".{path.name}.part")
    try:
        with locked_folder(folder):
            _must_be_own(folder)
            yield Checkpoint(folder, fingerprint)
            shutil.rmtree(folder)
    except BlockingIOError as error:
        raise LayerFileError(
            f"{path}: another process is writing it; wait for it to end, or give another file"
        ) from error
    except LayerFileError:
        raise
    except OSError as error:
        raise LayerFileError(
            f"{path}: cannot be written ({why_not_read(error)}); is there room on the disk, and is "
            "the folder yours to write? What is judged so far stays, and the next call goes on"
        ) from error


def _must_be_own(folder: Path) -> None:
    if why := refusal(folder):
        raise LayerFileError(f"{folder}: not used, as {why}; or take it away")


class Checkpoint:
    """Judged windows of a screening in a folder.

    Parameters
    ----------
    folder : Path
        One that no other process uses meanwhile.
    fingerprint : str
        Hash of all that the cells depend on.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self._windows = folder / _WINDOWS
        self._fingerprint = fingerprint

    def judged(
        self, rules: RuleSet, memory_mb: float, workers: int | None, side: int | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Iterator[JudgedWindow]:  # fmt: skip
        """Return all windows of a grid in order: those that are kept, and the rest, judged and kept.

        Parameters
        ----------
        rules : RuleSet
            Exclusions, prepared.
        memory_mb : float
            Memory that the windows judged at the same time may take.
        workers : int, optional
            Windows judged at the same time; as many as there are cores by default.
        side : int, optional
            Rows and columns of a window; what fits into memory by default.
        tell : callable, optional
            Called with a line where windows of an earlier call are taken.

        Returns
        -------
        iterator of JudgedWindow
            In the order of :func:`siteopt.screening.windows.windows_of`.
        """
        wanted = side or rules.window_side(memory_mb, workers)
        most = side or rules.largest_side(memory_mb, workers)
        windows = windows_of(rules.lattice, self._begun(wanted, most))
        missing = [window for window in windows if self._read(window) is None]
        if tell is not None and len(missing) < len(windows):
            kept = len(windows) - len(missing)
            tell(f"{kept} of {len(windows)} windows are kept from an earlier call")
        return self._all(
            windows, missing, rules, rules.judge_all(memory_mb, workers, windows=missing)
        )

    def _all(
        self, windows: list[Window], missing: list[Window], rules: RuleSet,
        fresh: Iterator[JudgedWindow],
    ) -> Iterator[JudgedWindow]:  # fmt: skip
        """Yield windows in order; `fresh` are the missing ones."""
        waiting = set(missing)
        for place, window in enumerate(windows, start=1):
            if window in waiting:
                judged = next(fresh)
                self._keep(judged)
            else:
                judged = self._kept(window, rules)
            _LOG.debug("window %d of %d", place, len(windows))
            yield judged

    def _kept(self, window: Window, rules: RuleSet) -> JudgedWindow:
        body = self._read(window)
        if body is None:  # it was whole when the work began
            raise LayerFileError(
                f"{self._path(window)}: was changed meanwhile; call again, and leave the folder alone"
            )
        return _unpacked(body, window, rules)

    def _begun(self, wanted: int, most: int) -> int:
        """Return the side of windows: that of kept ones if they fit into memory, else begin anew."""
        side = self._side_of_kept(most)
        kept = set() if side is None else {_STATE, _WINDOWS}
        for item in self.folder.iterdir():
            if item.name not in kept:  # of other inputs, or half-written
                shutil.rmtree(item) if item.is_dir() else item.unlink()
        if side is not None:
            return side
        self._windows.mkdir()
        state = {"fingerprint": self._fingerprint, "side": wanted}
        write_whole(self.folder / _STATE, json.dumps(state).encode())
        return wanted

    def _side_of_kept(self, most: int) -> int | None:
        try:
            state = json.loads(plain_bytes(self.folder / _STATE))
            side = int(state["side"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        same = state["fingerprint"] == self._fingerprint and self._windows.is_dir()
        return side if same and 0 < side <= most else None

    def _path(self, window: Window) -> Path:
        return self._windows / f"{window.row}-{window.col}"

    def _checksum(self, window: Window, body: bytes) -> bytes:
        place = f"{self._fingerprint} {window}".encode()
        return hashlib.sha256(place + b"\n" + body).digest()

    def _read(self, window: Window) -> bytes | None:
        """Return what is kept of a window; None where that is nothing or no longer whole."""
        try:
            content = plain_bytes(self._path(window))
        except OSError:
            return None
        length = hashlib.sha256().digest_size
        checksum, body = content[:length], content[length:]
        return body if checksum == self._checksum(window, body) else None

    def _keep(self, judged: JudgedWindow) -> None:
        body = _packed(judged)
        write_whole(self._path(judged.window), self._checksum(judged.window, body) + body)


def _packed(judged: JudgedWindow) -> bytes:
    arrays: dict[str, Any] = {
        "reasons": judged.reasons.astype(np.min_scalar_type(int(judged.reasons.max()))),
        "land": np.packbits(judged.land),
        "unknown_cells": judged.unknown_cells,
    }
    if isinstance(judged, MeasuredWindow):
        arrays |= {"cells": judged.margins.cells, "let_in": judged.margins.let_in}
        if judged.nearly is not None:
            arrays["measured"] = np.packbits(~np.isnan(judged.nearly))
            arrays["nearly"] = judged.nearly[~np.isnan(judged.nearly)]
        if judged.strictest is not None:
            arrays["strictest"] = judged.strictest
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return zlib.compress(file.getbuffer(), _FAST)


def _unpacked(body: bytes, window: Window, rules: RuleSet) -> JudgedWindow:
    with np.load(io.BytesIO(zlib.decompress(body)), allow_pickle=False) as arrays:
        reasons = arrays["reasons"].astype(np.uint32)
        land, unknown = _cells(arrays["land"], window), arrays["unknown_cells"]
        if not isinstance(rules, MeasuredRules):
            return JudgedWindow(window, reasons, land, unknown)
        nearly = None
        if "nearly" in arrays:
            nearly = np.full(window.shape, np.nan, dtype=np.float32)
            nearly[_cells(arrays["measured"], window)] = arrays["nearly"]
        margins = MarginCounts(arrays["cells"], arrays["let_in"])
        strictest = arrays.get("strictest")
        return MeasuredWindow(window, reasons, land, unknown, nearly, strictest, margins)


def _cells(packed: Any, window: Window) -> Any:  # noqa: ANN401 - arrays
    count = window.n_rows * window.n_cols
    return np.unpackbits(packed, count=count).reshape(window.shape).view(np.bool_)
