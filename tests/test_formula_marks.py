"""Marks before texts that a spreadsheet would compute: every text comes back."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from siteopt import _formula_marks
from siteopt._formula_marks import harmless, is_marked, without_mark


@given(st.text(alphabet=st.sampled_from("'=+-@＝ \t\r\n\u200b5.e가")) | st.text())
def test_every_text_comes_back(text):
    assert without_mark(harmless(text)) == text
    assert is_marked(harmless(text)) or harmless(text) == text


def test_what_is_no_text_has_no_mark():
    assert [harmless(-5.2), without_mark(-5.2), without_mark(None)] == [-5.2, -5.2, None]


def test_no_letter_or_digit_is_a_form_of_a_sign_that_begins_a_formula():
    letters = [sign for sign in map(chr, range(sys.maxunicode + 1)) if sign.isalnum()]
    assert len(letters) > 100_000
    forms = {unicodedata.normalize("NFKC", sign)[:1] for sign in letters}
    assert not forms & _formula_marks._BEGINS_FORMULA
    assert not {unicodedata.category(sign) for sign in letters} & _formula_marks._UNSEEN
    assert _formula_marks.MARK not in letters
