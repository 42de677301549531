"""Files that are no configuration: each ends in one ``ConfigError`` that says where and what to do, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.config import load_inventory, load_policy
from detector.config.policy import ACCESS_KEYS, BULK_READ_KEYS, KEYS, TICKET_KEYS, TOOL_KEYS
from detector.errors import ConfigError, Problem
from detector.model.asset import Inventory
from detector.model.policy import Policy
from tests.config.config_files import CATALOGUE, inventory_of, inventory_problems, policy_of, policy_problems

BROKEN: list[tuple[str | bytes, int, int, str, str]] = [
    ("", 0, 0, "the file is empty", "at least one key"),
    ("# only a comment\n", 0, 0, "the file is empty", "at least one key"),
    ("- a\n- b\n", 1, 1, "the file is a list", "key: value"),
    ("hello", 1, 1, "the file is a single value", "key: value"),
    ("version: 1\n\ttools: []\n", 2, 1, "not valid YAML", "use spaces, not tabs"),
    ("version: 1\ntools:\n\t- id: a\n", 3, 1, "not valid YAML", "use spaces, not tabs"),
    ("people: {a: *.t1}", 1, 14, "not valid YAML", "single quotes: '*.t1'"),
    ("people: {a: *t1}", 1, 13, "undefined alias", "single quotes: '*.t1'"),
    ("people: {a: @ops}", 1, 13, "not valid YAML", "begins with @ needs single quotes"),
    ('people: {a: "C:\\Users"}', 1, 18, "not valid YAML", "Windows paths in single quotes"),
    ("people: {a: [gx[0-9][0-9]]}", 1, 16, "not valid YAML", "[brackets]"),
    ("people: {a: 'b}", 1, 16, "not valid YAML", "never closed"),
    ("a: b: c", 1, 5, "not valid YAML", "colon needs single quotes"),
    ("a: 1\n---\nb: 2\n", 2, 1, "not valid YAML", "remove the line ---"),
    (b"version: 1\npeople: {m\xfcller: a}\n", 2, 11, "byte 0xfc is not UTF-8", "save it as UTF-8"),
    ("version: 1".encode("utf-16"), 1, 1, "byte 0xff is not UTF-8", "save it as UTF-8"),
    ("version: 1\na: \x07", 2, 4, "character '\\x07' is not allowed", "remove it"),
    ("a: " + "[" * 5000, 1, 1003, "nesting depth", "nothing in this file is nested so deep"),
    ("- " * 5000, 1, 1999, "nesting depth", "nothing in this file is nested so deep"),
    ("&a [*a]", 1, 1, "the file is a list", "key: value"),
]


@pytest.mark.parametrize(("content", "line", "column", "message", "hint"), BROKEN, ids=[str(c[0])[:25] for c in BROKEN])
def test_a_file_that_is_no_configuration(content: str | bytes, line: int, column: int, message: str, hint: str) -> None:
    for problems in (policy_problems(content), inventory_problems(content)):
        assert len(problems) == 1
        found = problems[0]
        assert (found.line, found.column) == (line, column)
        assert message in found.message
        assert hint in found.hint


def test_no_file_a_folder_and_a_locked_file_are_named(tmp_path: Path) -> None:
    locked = tmp_path / "locked.yml"
    locked.write_text("version: 1")
    locked.chmod(0)
    paths = [tmp_path / "absent.yml", tmp_path, Path("a\0b")] + ([locked] if os.geteuid() else [])
    said = []
    for path in paths:
        with pytest.raises(ConfigError) as caught:
            load_policy(path, Inventory(), CATALOGUE)
        assert caught.value.problems[0].file == str(path)
        said.append(str(caught.value).removeprefix(str(path)))
    assert said[:3] == [
        ": there is no such file (check the path)",
        ": cannot be read: Is a directory (name a file, not a folder)",
        ": is no path (check the path)",
    ]
    assert all("check who may read it" in one for one in said[3:])


def test_an_endless_file_is_refused() -> None:
    with pytest.raises(ConfigError, match="longer than 16 MiB"):
        load_inventory(Path("/dev/zero"))


def test_an_alias_bomb_is_refused() -> None:
    """A small file in which every entry names the same long list."""
    hosts = ", ".join(f"H{n}" for n in range(5000))
    bomb = f"people: {{a: &a [{hosts}]}}\nbulk_read:\n" + "".join(f"- {{id: b{n}, from: *a}}\n" for n in range(400))
    problems = policy_problems(bomb)
    assert problems[-1].message == "aliases make this file too large"


def test_groups_of_groups_do_not_grow_without_end() -> None:
    """Two members each, sixty deep: 2 to the power of 60 names if every road were walked."""
    groups = ", ".join(f"g{n}: ['group:g{n + 1}', 'group:g{n + 1}']" for n in range(40)) + ", g40: [A]"
    found = policy_of(f"people: {{{groups}}}\nbulk_read: [{{id: b, users: group:g0}}]")
    assert found.bulk_read[0].users == ("A",)
    deep = ", ".join(f"g{n}: ['group:g{n + 1}']" for n in range(500)) + ", g500: [A]"
    assert "nested more than" in policy_problems(f"people: {{{deep}}}")[0].message


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_configuration_or_an_error(content: bytes) -> None:
    _either(content)


_SCALARS = st.sampled_from(
    "a * '*' group:a group:b ~ 1 118 1e3 yes 2025-01-01 2025-01-01T00:00:00Z x: Mon-Fri daily 08:00-12:00 '' [] {} "
    "[a,group:b] {a: b} rdp install anydesk anydsk 24:00 UTC \"\\t\" &a *a << ! !!int 'Mon,Sat-Sun 22:00-24:00'".split(
        " "
    )
) | st.text(max_size=12)


@given(
    st.lists(st.tuples(st.sampled_from((*KEYS, "zz")), st.lists(st.tuples(st.sampled_from(
        (*TOOL_KEYS, *ACCESS_KEYS, *BULK_READ_KEYS, *TICKET_KEYS, "by")), _SCALARS), max_size=6)), max_size=5)
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_mix_of_the_right_words_is_a_configuration_or_an_error(
    parts: list[tuple[str, list[tuple[str, str]]]],
) -> None:
    """Nearer to real mistakes than random bytes: known keys, values of the wrong kind, half an entry."""
    text = ""
    for key, entries in parts:
        text += f"{key}:\n" + "".join(f"  {'- ' if n == 0 else '  '}{k}: {v}\n" for n, (k, v) in enumerate(entries))
    _either(text.encode(errors="surrogatepass"))
    _either("\n".join(f"{key}: {{{', '.join(f'{k}: {v}' for k, v in entries)}}}" for key, entries in parts).encode(
        errors="surrogatepass"))  # fmt: skip


def _either(content: bytes) -> None:
    try:
        assert isinstance(policy_of(content), Policy)
    except ConfigError as error:
        said = error.problems
        assert said
    try:
        assert isinstance(inventory_of(content), Inventory)
    except ConfigError as error:
        said = error.problems
        assert said


def test_a_file_that_is_wrong_all_over_is_not_told_all_over() -> None:
    """Every problem is kept, the first hundred are told: a file of 100,000 made a message of 31 MB."""
    error = ConfigError([Problem("assets.yml", line, 1, "", "wrong") for line in range(1, 100_001)])
    assert len(error.problems) == 100_000
    lines = str(error).splitlines()
    assert len(lines) == 101
    assert lines[-1] == "... and 99,900 more problems"
