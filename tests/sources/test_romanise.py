"""Korean names in Latin letters, against names as they are written officially."""

from __future__ import annotations

import pytest

from siteopt.sources._romanise import romanise


@pytest.mark.parametrize(
    ("korean", "latin"),
    [
        # the examples of the notice of 2000-8
        ("왕십리", "Wangsimni"), ("종로", "Jongno"), ("신라", "Silla"), ("별내", "Byeollae"),
        ("묵호", "Mukho"), ("옥천", "Okcheon"), ("합덕", "Hapdeok"), ("구미", "Gumi"),
        ("영동", "Yeongdong"), ("백암", "Baegam"), ("한밭", "Hanbat"), ("월곶", "Wolgot"),
        ("벚꽃", "Beotkkot"), ("독립문", "Dongnimmun"), ("대관령", "Daegwallyeong"),
        # stations of the earlier hand-made table
        ("신태백", "Sintaebaek"), ("신진천", "Sinjincheon"), ("의령", "Uiryeong"),
        ("수원 SS", "Suwon SS"), ("", ""),
    ],
)  # fmt: skip
def test_names_are_written_as_the_notice_says(korean, latin):
    assert romanise(korean) == latin
