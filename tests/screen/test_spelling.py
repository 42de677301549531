"""How text stands in the bytes of a log: every printable character, white space, and letters that are none of ASCII's."""

from __future__ import annotations

import json
from random import Random

import pytest

from detector.engine.literals import runs
from detector.engine.patterns import BLANKS
from detector.screen.search import Search
from detector.screen.spelling import ODD_CHUNK, ODD_JSON, PRINTABLE, folded, in_chunk, in_json
from tests.screen import made_records as made
from tests.screen.letters import told

SPACES = [chr(code) for code in range(0x3001) if chr(code).isspace()]
LOOKALIKES = "\u212a\u017f\u0130\u0131"
_odd_chunk = Search((0, pattern) for pattern in ODD_CHUNK)
_odd_json = Search(((0, pattern) for pattern in ODD_JSON), caseless=True)


def in_a_chunk(needle: str, text: str, encoding: str = "utf-16-le", before: bytes = b"\x01\x06") -> bool:
    return bool(Search([(0, in_chunk(needle))]).found(folded(before + text.encode(encoding) + b"\x0e\x01")))


def in_a_line(needle: str, line: str) -> bool:
    return bool(Search([(0, in_json(needle))], caseless=True).found(line.encode()))


@pytest.mark.parametrize("one", PRINTABLE)
def test_every_character_however_written(one: str) -> None:
    needle, chance = f"x{one}y{one}", Random(1)
    for text in (needle, needle.upper()):
        assert in_a_chunk(needle, text)
        assert in_a_chunk(needle, text, before=b"\x01")
        assert in_a_chunk(needle, text, "latin-1")
        for spell in made.WRITERS:
            line = made.written({"a": text}, spell, chance)
            assert in_a_line(needle, line) or _odd_json.found(line.encode()), line
    assert not in_a_chunk(needle, "x-z")
    assert not in_a_line(needle, json.dumps("x-z"))


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_white_space_of_any_kind_and_amount(space: str) -> None:
    """ "for ``\\s``, tabs, line ends, Unicode spaces": an engine that knows more than ASCII's may have matched it."""
    needle, chance = f"net{BLANKS}user", Random(1)
    for text in (f"Net{space}user", f"net{space} {space}\r\n\u3000user"):
        assert in_a_chunk(needle, text)
        for spell in made.WRITERS:
            line = made.written({"a": text}, spell, chance)
            assert in_a_line(needle, line) or _odd_json.found(line.encode()), line
    assert not in_a_chunk(needle, "netuser")
    assert not in_a_line(needle, '"netuser"')


@pytest.mark.parametrize("letter", LOOKALIKES, ids=ascii)
def test_letters_that_pass_for_ascii_are_noticed_beside_any_text(letter: str) -> None:
    """A literal has three characters or more, so that one beside the letter is ASCII, or such a letter too."""
    for one in (*map(chr, range(32, 127)), "\t", "\r\n", "\u00a0", *LOOKALIKES):
        for value in (f"{letter}{one}", f"{one}{letter}"):
            noticed = _odd_chunk.found(b"\x01\x06" + value.encode("utf-16-le") + b"\0\x0f")
            assert noticed or (value == f"{letter}!" and not runs(f"{told(letter)}!") and runs("k!ab") == ["!ab"])
            for ensure_ascii in (True, False):
                assert _odd_json.found(json.dumps(value, ensure_ascii=ensure_ascii).encode())


def test_a_letter_between_blanks_is_part_of_no_literal() -> None:
    """White space may be of a kind beside which such a letter is not noticed."""
    assert runs("k\tabc") == ["\tabc"]
    assert runs("abc\ts\tabc") == ["abc\t", "\tabc"]
    assert runs("abc\ti") == ["abc\t"]
    assert runs("abc\tit") == ["abc\tit"]
