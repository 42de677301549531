"""Rules from the cache are the rules of the files: always, and sooner."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.errors import InputError, RuleError
from detector.model.loss import Loss
from detector.model.rule import RuleSet
from detector.rules import builtin_rules, cache_key, load_rules
from detector.rules import load as parsing
from detector.rules.cache import Cache
from detector.rules.files import read_files
from detector.rules.serial import to_bytes
from detector.rules.serial_classes import Loaded

RULE = """\
title: {title}
logsource:
  product: windows
detection:
  selection:
    Image|endswith: '{title}.exe'
    Date|day: 7
  condition: selection
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two rules, one broken, one file that is no text."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.yml").write_text(RULE.format(title="One"), encoding="utf-8")
    (folder / "b.yml").write_text(RULE.format(title="Two"), encoding="utf-8")
    (folder / "broken.yml").write_text("title: T\ndetection: {}\n", encoding="utf-8")
    (folder / "bytes.yml").write_bytes(b"\xff")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def no_parsing(files: object) -> tuple[RuleSet, list[Loss]]:
    raise AssertionError("the rules were parsed again")


def from_cache(paths: list[Path], cache: Cache, monkeypatch: pytest.MonkeyPatch) -> tuple[RuleSet, list[Loss]]:
    """The rules, without a parser."""
    with monkeypatch.context() as patch:
        patch.setattr(parsing, "rules_of", no_parsing)
        return load_rules(paths, cache)


def parsed_again(paths: list[Path], cache: Cache, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the next load needs the parser."""
    try:
        from_cache(paths, cache, monkeypatch)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("which", ["built in", "public"])
def test_they_are_those_of_the_files(
    which: str, cache: Cache, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "the rule set from the cache equals the freshly loaded (all 2,407 and the built-in pack)"."""
    path = builtin_rules() if which == "built in" else request.getfixturevalue("shared") / "data" / "sigmahq"
    fresh = load_rules([path])
    assert load_rules([path], cache) == fresh
    again = from_cache([path], cache, monkeypatch)
    assert again == fresh
    assert repr(again) == repr(fresh)  # what is equal may still be of another type
    assert len(again[0].rules) > 50


def test_what_could_not_be_loaded_is_named_on_every_run(
    folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "a rule that could not be loaded must be named on the second run too"."""
    first = load_rules([folder], cache)
    second = from_cache([folder], cache, monkeypatch)
    assert second == first == load_rules([folder])
    assert [Path(loss.where.partition(":")[0]).name for loss in second[1]] == ["broken.yml", "bytes.yml"]


def write(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


def gone(file: Path) -> Path:
    """In a file's place, a link to nowhere."""
    file.symlink_to("nowhere")
    return file


CHANGES: dict[str, Callable[[Path], object]] = {
    "a rule": write("a.yml", RULE.format(title="Uno")),
    "a rule, by one character": write("a.yml", RULE.format(title="One") + "\n"),
    "a rule more": write("c.yml", RULE.format(title="Three")),
    "a rule less": lambda folder: (folder / "a.yml").unlink(),
    "a name": lambda folder: (folder / "a.yml").rename(folder / "z.yml"),
    "rules that change places": lambda folder: [
        (folder / "a.yml").rename(folder / "c"),
        (folder / "b.yml").rename(folder / "a.yml"),
        (folder / "c").rename(folder / "b.yml"),
    ],
    "a broken rule": write("broken.yml", "title: T\ndetection: []\n"),
    "a rule that cannot be read any more": lambda folder: gone(
        (folder / "a.yml").rename(folder / "x").with_name("a.yml")
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_any_file_counts(
    folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    """ "any change of any file [...] rebuilds"."""
    load_rules([folder], cache)
    change(folder)
    assert parsed_again([folder], cache, monkeypatch)
    assert load_rules([folder], cache) == load_rules([folder])


def test_the_time_of_a_file_does_not_count(folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "hash by content, not by mtime"."""
    load_rules([folder], cache)
    for file in folder.iterdir():
        data = file.read_bytes()
        file.unlink()
        file.write_bytes(data)
    (folder / "notes.txt").write_text("no rule", encoding="utf-8")
    assert not parsed_again([folder], cache, monkeypatch)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("__version__", "999"),
        ("VERSION", 999),
        ("_libraries", lambda: iter(["pysigma-999.dist-info"])),
        ("_sources", lambda: iter([b"load.py", b"another loader"])),
    ],
)
def test_a_change_of_the_program_counts(
    folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    """ "or of our code's version", of the serial form's and of pySigma's."""
    load_rules([folder], cache)
    monkeypatch.setattr(cache_key, name, value)
    assert parsed_again([folder], cache, monkeypatch)


def test_the_versions_of_all_readers_are_known() -> None:
    names = [library.partition("-")[0].lower() for library in cache_key._libraries()]
    assert sorted(names) == ["google_re2", "pyparsing", "pysigma", "pyyaml", "regex"]
    sources = list(cache_key._sources())
    assert {b"load.py", b"predicate.py", b"logsource.py", b"anydesk.yml"} <= set(sources)


def test_paths_are_told_as_they_were_named(folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    load_rules([folder], cache)
    monkeypatch.chdir(folder.parent)
    rules, losses = load_rules([Path("rules")], cache)
    assert {rule.path for rule in rules.rules} == {"rules/a.yml", "rules/b.yml"}
    assert [loss.where.partition(":")[0] for loss in losses] == ["rules/broken.yml", "rules/bytes.yml"]


def test_errors_are_the_same_with_a_cache(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "bad.yml").write_text("title: [\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for path, error in (
        (tmp_path / "bad.yml", RuleError),
        (tmp_path / "empty", RuleError),
        (tmp_path / "x", InputError),
    ):
        for _ in range(2):
            with pytest.raises(error) as with_cache:
                load_rules([path], cache)
            with pytest.raises(error) as without:
                load_rules([path])
            assert str(with_cache.value) == str(without.value)


def test_a_file_of_the_right_digest_and_the_wrong_content_is_written_anew(
    folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "hostile [...] cache files are ignored and rebuilt": what is well sealed must still be a rule set."""
    fresh = load_rules([folder])
    key = cache_key.rules_key(read_files([folder]))
    for forged in (b"", b"[]", b"null", b"\x80\x04.", to_bytes(Loss(fresh[1][0].kind, "w", "y")), to_bytes(fresh[0])):
        cache.put("rules", key, forged)
        assert load_rules([folder], cache) == fresh
        assert from_cache([folder], cache, monkeypatch) == fresh
    cache.put("rules", key, to_bytes(Loaded(fresh[0], ())))
    assert load_rules([folder], cache) == (fresh[0], [])  # so the key above is the one that counts


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 10_000), st.booleans())
def test_any_bytes_as_a_cache_file_give_the_rules_of_the_files(
    folder: Path, cache: Cache, data: bytes, place: int, whole: bool
) -> None:
    """ "any bytes as a cache file give the freshly loaded result"."""
    fresh = load_rules([folder], cache)
    assert cache.folder is not None
    (file,) = cache.folder.iterdir()
    written = file.read_bytes()
    place %= len(written)
    file.write_bytes(data if whole else written[:place] + data + written[place + len(data) :])
    assert load_rules([folder], cache) == fresh
    assert file.read_bytes() == written


def test_the_second_run_imports_no_parser(tmp_path: Path, root: Path) -> None:
    """ "Importing pySigma must not happen on a cache hit"."""
    script = (
        "import sys; from pathlib import Path; from detector.rules import builtin_rules, load_rules;"
        "from detector.rules.cache import Cache; load_rules([builtin_rules()], Cache(Path(sys.argv[1])));"
        "print(sorted({'sigma', 'pyparsing', 'yaml', 're2', 'regex', 'importlib.metadata'} & set(sys.modules)))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "cache")],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert "sigma" in runs[0]
    assert runs[1] == "[]"
