"""Examples on pages are run: what they print is what stands there."""

import doctest

from tests.docs.test_pages import blocks


def test_examples_print_what_the_page_says(pages):
    found = {}
    for page, code in blocks(pages, "pycon"):  # blocks of a page go on from each other
        found[page] = found.get(page, "") + code
    assert found
    for page, code in found.items():
        told = []
        test = doctest.DocTestParser().get_doctest(code, {}, page, page, 0)
        doctest.DocTestRunner(verbose=False).run(test, out=told.append)
        assert not told, "".join(told)
