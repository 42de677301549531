"""What may not come through alive, held against Unicode itself."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.render.plain import LIVE, encodable, shortened, shown, within


def test_every_control_format_and_separator_of_unicode_is_live() -> None:
    """Categories Cc, Cf, Zl, Zp and Cs of this Python's Unicode, all code points."""
    wanted = ("Cc", "Cf", "Zl", "Zp", "Cs")
    missed = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in wanted and not LIVE.match(chr(code))
    ]
    assert missed == []


def test_letters_digits_and_signs_of_all_scripts_stay() -> None:
    for text in ("C:\\Users\\Zoë", "данные", "模型", "עברית", "نموذج", "🙂", "a\u00a0b", "½"):
        assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2028\u200b\ufeff", "\\u2028\\u200b\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\x85\x9b\x7f", "\\x85\\x9b\\x7f"),
        ("[red]:smile:", "[red]:smile:"),
    ],
)
def test_live_characters_show_as_escapes(text: str, visible: str) -> None:
    assert shown(text) == visible


@given(st.text(st.characters()))
def test_nothing_alive_is_left(text: str) -> None:
    assert not LIVE.search(shown(text))
    encodable(text).encode()
    for encoding in ("ascii", "cp1252", "cp437", "utf-8", "no-such-encoding"):
        encoded = within(shown(text), encoding)
        encoded.encode("ascii" if encoding == "no-such-encoding" else encoding)
        assert not LIVE.search(encoded)


@given(st.text(), st.integers(4, 40))
def test_a_shortened_text_keeps_both_ends(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert len(short) <= limit
    assert short == text or (text.startswith(short.split("…")[0]) and text.endswith(short.rsplit("…", 1)[1]))
