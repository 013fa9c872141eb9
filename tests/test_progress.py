"""How far a count has come: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import io

import pytest

from siteopt import _progress
from siteopt._progress import count_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Let ten and a half seconds pass with each look at the clock."""
    now = [0.0]

    def tick():
        now[0] += 10.5
        return now[0]

    monkeypatch.setattr(_progress.time, "monotonic", tick)


@pytest.mark.usefixtures("clock")
def test_a_line_now_and_then_without_a_terminal(capsys):
    with count_bar("buses", 2383) as tell:
        tell(1200)
        tell(2383)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["1,200 of 2,383 buses after 10 s", "2,383 of 2,383 buses after 21 s"]


def test_nothing_is_said_of_what_is_quick_or_not_asked_for(capsys):
    with count_bar("buses", 3) as tell:
        tell(3)
    with count_bar("buses", 3, shown=False) as tell:
        tell(3)
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal_goes_when_all_are_done(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with count_bar("buses", 4) as tell:
        tell(2)
    assert "buses" in terminal.getvalue()
    assert terminal.getvalue().rstrip("\n").endswith("\x1b[2K")
