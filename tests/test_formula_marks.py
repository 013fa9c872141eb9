"""Marks before texts that a spreadsheet would compute: every text comes back."""

from hypothesis import given
from hypothesis import strategies as st

from siteopt._formula_marks import harmless, is_marked, without_mark


@given(st.text(alphabet=st.sampled_from("'=+-@＝ \t\r\n\u200b5.e가")) | st.text())
def test_every_text_comes_back(text):
    assert without_mark(harmless(text)) == text
    assert is_marked(harmless(text)) or harmless(text) == text


def test_what_is_no_text_has_no_mark():
    assert [harmless(-5.2), without_mark(-5.2), without_mark(None)] == [-5.2, -5.2, None]
