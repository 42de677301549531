"""The cache as a user meets it: the program, its options and its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment, no_traceback, run

GOOD = "title: Good\nlogsource: {product: windows}\ndetection: {sel: {A: b}, condition: sel}\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "good.yml").write_text(GOOD, encoding="utf-8")
    (folder / "broken.yml").write_text("title: Broken\n", encoding="utf-8")
    return folder


def listing(rules: Path, *options: str, **variables: str) -> tuple[bytes, str]:
    """What ``rules list`` says, with nothing in the environment of where a cache is but this."""
    kept = {
        name: value
        for name, value in environment().items()
        if name not in ("RMM_DETECTOR_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA", "HOME")
    }
    done = subprocess.run(
        [sys.executable, "-m", "detector", "rules", "list", "--rules", str(rules), *options],
        capture_output=True,
        check=True,
        env=kept | variables,
        timeout=300,
    )
    no_traceback(done)
    return done.stdout, done.stderr.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="where Linux has it")
def test_it_is_where_the_system_has_caches(rules: Path, tmp_path: Path) -> None:
    first = listing(rules, HOME=str(tmp_path / "home"))
    (file,) = (tmp_path / "home/.cache/rmm-detector").iterdir()
    written = file.read_bytes()
    assert listing(rules, HOME=str(tmp_path / "home")) == first
    assert file.read_bytes() == written
    assert "broken.yml:1" in first[1]


@pytest.mark.parametrize(
    ("options", "variable"),
    [((), {"RMM_DETECTOR_CACHE": ""}), (("--no-cache",), {}), (("--no-cache",), {"RMM_DETECTOR_CACHE": "cache"})],
    ids=["variable", "option", "both"],
)
def test_without_it_nothing_is_written(
    rules: Path, tmp_path: Path, options: tuple[str, ...], variable: dict[str, str]
) -> None:
    with_cache = listing(rules, RMM_DETECTOR_CACHE=str(tmp_path / "other"))
    assert (tmp_path / "other").is_dir()
    before = sorted(tmp_path.rglob("*"))
    if variable.get("RMM_DETECTOR_CACHE"):
        variable = {"RMM_DETECTOR_CACHE": str(tmp_path / "cache")}
    assert listing(rules, *options, HOME=str(tmp_path / "home"), **variable) == with_cache
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX systems")
def test_a_folder_that_is_refused_is_named(rules: Path, tmp_path: Path) -> None:
    """ "A folder that you named [...] and that is refused for this is named on standard error; the run goes on without"."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    out, said = listing(rules, RMM_DETECTOR_CACHE=str(tmp_path / "cache"))
    assert f"{tmp_path / 'cache'} is not used: it belongs to somebody else, or others may write to it" in said
    assert b"Good" in out
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_home_is_no_trouble(rules: Path) -> None:
    out, said = listing(rules)
    assert b"Good" in out
    assert "cache" not in said


def test_a_scan_is_the_same_with_and_without(rules: Path, tmp_path: Path, root: Path) -> None:
    """ "The report is the same with the cache as without it, byte for byte": a first, a second and an uncached run."""
    logs = root / "samples/evidence/S02/DC01_ecs.ndjson"
    reports = []
    for number, option in enumerate(((), (), ("--no-cache",))):
        out = tmp_path / f"{number}.json"
        done = run("scan", logs, "--rules", rules, "-o", out, "--quiet", *option)
        no_traceback(done)
        assert done.returncode == 4, done.stderr  # the broken rule makes every run incomplete
        reports.append(out.read_bytes())
    assert b"broken.yml" in reports[1]
    assert reports[0] == reports[1] == reports[2]


def test_no_test_writes_to_the_home_of_whoever_runs_it(cache_folder: Path) -> None:
    """The programs that tests start, too, have their cache in a folder of this run."""
    assert environment()["RMM_DETECTOR_CACHE"] == str(cache_folder)
    no_traceback(run("tools", "list"))
    assert any(file.name.startswith("rules-") for file in cache_folder.iterdir())
