"""Messages are one line of bounded length, whatever stands in a file of a stranger."""

import pickle

import pytest

from siteopt import errors
from siteopt.errors import InfeasibleError, LayerFileError, SiteoptError, one_line, why_not_read

KINDS = [getattr(errors, name) for name in errors.__all__ if name[0].isupper()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_one_line(kind):
    error = kind("a.csv: \x1b[31mred\x1b[0m\nsecond\u202e")
    assert str(error) == r"a.csv: \x1b[31mred\x1b[0m\nsecond\u202e"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - made here
    assert isinstance(error, SiteoptError)


def test_words_of_thousands_of_signs_are_shortened_and_plain_messages_are_not():
    said = one_line("a.csv: row 2: " + "9" * 5000 + " is no number")
    assert len(said) < 300
    assert said.startswith("a.csv: row 2: 999")
    assert said.endswith("9 is no number")
    assert len(one_line("word " * 5000)) <= 2000
    plain = "경로/파일.csv: 행 2: “이름”이 비었음 — ½ m²; A–B"
    assert one_line(plain) == plain


def test_details_of_an_infeasible_question_keep_their_lines():
    error = InfeasibleError("no plan", "a\nb")
    assert error.details == "a\nb"


def test_why_a_file_was_not_read_is_said_also_where_the_system_says_nothing():
    assert why_not_read(OSError(28, "No space left on device")) == "No space left on device"
    assert why_not_read(OSError("of a library")) == "of a library"
    assert why_not_read(OSError()) == "OSError"
    assert why_not_read(LayerFileError("a: gone")) == "a: gone"
