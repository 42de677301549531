r"""Log text made harmless: what would steer a terminal, turn text around or hide in it is shown as ``\x1b``, ``\u202e``.

Every text of a report passes through here before it is printed or written: a file name, a command line or a user name
may have been chosen by an intruder.
"""

from __future__ import annotations

import re

#: Characters that act instead of being seen: Unicode's categories Cc, Cf, Zl, Zp and Cs (controls, formats and bidi marks,
#: line and paragraph separators, lone surrogates), and the letters and marks that are drawn as nothing
#: (``Default_Ignorable_Code_Point`` of Unicode's DerivedCoreProperties.txt).
_LIVE_CLASS = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
LIVE = re.compile(f"[{_LIVE_CLASS}]")

_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")

#: The signs a program of this kind draws, for terminals that cannot show them.
_ASCII = str.maketrans({"…": "...", "→": "->", "─": "-"})


def shown(text: str) -> str:
    r"""The text with every live character visible: ``\n``, ``\x1b``, ``\u202e``, ``\U000e0001``. Harmless text stays."""
    return LIVE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def encodable(text: str) -> str:
    r"""The text with lone surrogates, which no encoding can write, as a visible ``\ud800``; all else exact."""
    return _SURROGATE.sub(_visible, text)


def within(text: str, encoding: str) -> str:
    """The text in the characters of an encoding: our own signs in ASCII, others as an escape."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")
    return text


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters, the middle left out: both ends of a command line tell."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 3
    return f"{text[: limit - 1 - tail]}…{text[len(text) - tail :]}"
