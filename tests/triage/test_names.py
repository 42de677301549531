"""Names in every spelling logs use (rmm-facts 4.4, "Normalisation rules") and the patterns of the two files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.triage import names

ADDRESSES = {
    "192.0.2.40": "192.0.2.40",
    " 192.0.2.40 ": "192.0.2.40",
    "::ffff:192.0.2.40": "192.0.2.40",
    "::FFFF:192.0.2.40": "192.0.2.40",
    "::ffff:c000:228": "192.0.2.40",
    "192.0.2.40:49152": "192.0.2.40",
    "[192.0.2.40]:49152": "192.0.2.40",
    "[2001:db8:5::40]:443": "2001:db8:5::40",
    "[2001:db8:5::40]": "2001:db8:5::40",
    "\\\\192.0.2.40": "192.0.2.40",
    "2001:0db8:0005:0:0:0:0:0040": "2001:db8:5::40",
    "2001:DB8:5::40": "2001:db8:5::40",
    "fe80::1%12": "fe80::1",
    "0:0:0:0:0:0:0:1": "::1",
    "::%16777216": "::",
    "2001-db8-5--40.ipv6-literal.net": "2001:db8:5::40",
    "fe80--1s12.IPV6-LITERAL.NET": "fe80::1",
}
NO_ADDRESSES = (
    "",
    "-",
    "LOCAL",
    "host",
    "192.0.2",
    "192.0.2.400",
    "host:443",
    "gx07",
    "::g",
    "1.2.3.4.5",
    "[",
    "0x7f.1",
)


@pytest.mark.parametrize(("text", "wanted"), ADDRESSES.items())
def test_an_address_in_every_spelling(text: str, wanted: str) -> None:
    """'strip ... leading `\\\\`, port suffix, `%scope`, `::ffff:`; expand/condense IPv6'."""
    assert str(names.address(text)) == wanted


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address(text: str) -> None:
    assert names.address(text) is None


HOSTS = {
    "weights-1": "WEIGHTS-1",
    "WEIGHTS-1.corp.kestrel.example": "WEIGHTS-1",
    "weights-1.corp.kestrel.example.": "WEIGHTS-1",
    "\\\\Weights-1": "WEIGHTS-1",
    "//weights-1/": "WEIGHTS-1",
    "WEIGHTS-1$": "WEIGHTS-1",
    "WEIGHTS-1$@CORP.KESTREL.EXAMPLE": "WEIGHTS-1",
    "KESTREL\\WEIGHTS-1$": "WEIGHTS-1",
    "weights-1:3389": "WEIGHTS-1",
    "weights-1.corp.kestrel.example:3389": "WEIGHTS-1",
    " weights-1 ": "WEIGHTS-1",
}


@pytest.mark.parametrize(("text", "wanted"), HOSTS.items())
def test_a_host_in_every_spelling(text: str, wanted: str) -> None:
    """'Names compared without case and without domain'; 'strip trailing `$`, trailing `.`, leading `\\\\`, port suffix'."""
    assert names.host(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        " - ",
        "LOCAL",
        "local",
        "LocalHost",
        "localhost.localdomain",
        "localhost:80",
        ".",
        "?",
        "::1",
        "\\\\",
        "$",
    ],
)
def test_what_names_no_other_machine(text: str) -> None:
    """'treat `-`, empty, `LOCAL`, `localhost`, 127/8, ::1 as "self"'; an address is not a name."""
    assert names.host(text) == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("KESTREL\\ada", "ada"),
        ("kestrel\\\\Ada", "ada"),
        ("ada@corp.kestrel.example", "ada"),
        ("ADA", "ada"),
        ("ada.adm", "ada.adm"),
        ("WEIGHTS-1$", "weights-1$"),
        ("WEIGHTS-1$@CORP.KESTREL.EXAMPLE", "weights-1$"),
        ("-", ""),
        ("", ""),
        (" ", ""),
        ("KESTREL\\", ""),
    ],
)
def test_an_account_without_its_domain(text: str, wanted: str) -> None:
    assert names.account(text) == wanted


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("KB-L???", "kb-l001", True),
        ("KB-L???", "KB-L0011", False),
        ("node[0-9][0-9]", "NODE07", True),
        ("node[0-9][0-9]", "node7", False),
        ("ROBOT-0[1-4]", "robot-05", False),
        ("*.adm", "ada.adm", True),
        ("*.adm", "adaxadm", False),
        ("a+b", "aab", False),
        ("*", "", True),
    ],
)
def test_patterns_as_in_file_names(pattern: str, text: str, wanted: bool) -> None:
    """'Patterns *  ?  [1-4] as in file names'."""
    assert names.fits(pattern, text) is wanted


def test_host_patterns_compare_without_domain_on_both_sides() -> None:
    assert names.host_fits(["kb-l???.corp.kestrel.example"], "KB-L001.kestrel.example")
    assert names.host_fits(["*"], "any")
    assert not names.host_fits(["*"], "-")
    assert not names.host_fits(["192.0.2.*"], "192.0.2.40")


@pytest.mark.parametrize(
    ("pattern", "user", "wanted"),
    [
        ("KESTREL\\svc.copy", "svc.copy", True),
        ("KESTREL\\svc.copy", "kestrel\\SVC.COPY", True),
        ("KESTREL\\svc.copy", "COPIER-1\\svc.copy", False),
        ("svc.copy", "ANY\\svc.copy", True),
        ("svc.copy", "svc.copy@corp.kestrel.example", True),
        ("svc.copy", "svc.copy2", False),
        ("*@kestrel", "helper@kestrel", True),
        ("*@kestrel", "helper@kestrel.evil", False),
        ("*@kestrel", "helper", False),
        ("DEPLOY-1$", "KESTREL\\DEPLOY-1$", True),
        ("*", "-", False),
        ("*", "", False),
    ],
)
def test_a_users_domain_counts_where_both_sides_name_one(pattern: str, user: str, wanted: bool) -> None:
    assert names.user_fits([pattern], user) is wanted


TOOL = "C:\\Program Files\\Kestrel\\rclone.exe"


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        (TOOL, "c:\\program files\\kestrel\\RCLONE.EXE", True),
        (TOOL, f'"{TOOL}"', True),
        (TOOL, "C:/Program Files/Kestrel/rclone.exe", True),
        (TOOL, "\\??\\" + TOOL, True),
        (TOOL, "\\\\?\\" + TOOL, True),
        (TOOL, "C:\\Program Files\\\\Kestrel\\.\\rclone.exe", True),
        (TOOL, "\\device\\harddiskvolume3\\program files\\kestrel\\rclone.exe", True),
        (TOOL, "%ProgramFiles%\\Kestrel\\rclone.exe", True),
        (TOOL, "D:\\Program Files\\Kestrel\\rclone.exe", False),
        (TOOL, "C:\\Program Files\\Kestrel\\sub\\rclone.exe", False),
        (TOOL, "\\device\\mup\\evil\\program files\\kestrel\\rclone.exe", False),
        ("C:\\Program Files (x86)\\Tool\\*", "C:\\Program Files (x86)\\Tool\\a\\b.exe", True),
        ("C:\\Program Files (x86)\\Tool\\*", "%ProgramFiles(x86)%\\Tool\\b.exe", True),
        ("C:\\Program Files (x86)\\Tool\\*", "C:\\Program Files (x86)\\Tool\\..\\..\\Users\\x\\b.exe", False),
        ("C:\\Windows\\IMECache\\*", "%SystemRoot%\\IMECache\\x\\y.exe", True),
        ("C:\\Windows\\IMECache\\*", "\\SystemRoot\\IMECache\\x\\y.exe", True),
        ("*", "", False),
    ],
)
def test_paths_in_every_spelling(pattern: str, path: str, wanted: bool) -> None:
    """Kernel paths (5156) have no drive letter; quotes, slashes, ``\\??\\`` and ``..`` are spelling, not place."""
    assert names.path_fits([pattern], path) is wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("E:\\exports", True),
        ("E:\\exports\\", True),
        ("e:/exports/2025/a.bin", True),
        ("E:\\exports2", False),
        ("E:\\exports\\..\\tune", False),
        ("E:", False),
    ],
)
def test_a_path_below_another(path: str, wanted: bool) -> None:
    assert names.path_fits(["E:\\exports"], path, below=True) is wanted


def test_unc_paths_are_paths_too() -> None:
    assert names.path_fits(["\\\\weights-1\\runs"], "//WEIGHTS-1/runs/a", below=True)
    assert names.path_fits(["\\\\weights-1\\runs"], "\\\\?\\UNC\\weights-1\\runs\\a", below=True)
    assert not names.path_fits(["\\\\weights-1\\runs"], "\\\\weights-1\\runs2", below=True)


def test_parts_of_a_path() -> None:
    assert names.file_name('"C:/Tools/Rclone.EXE"') == "rclone.exe"
    assert names.folder("C:\\Tools\\Rclone.EXE") == names.folder("\\device\\harddiskvolume9\\tools\\x.exe") == "\\tools"
    assert names.folder("rclone.exe") == ""


@given(st.text(max_size=60))
def test_no_text_breaks_a_name(text: str) -> None:
    names.address(text)
    assert names.host(text) == names.host(text).upper()
    assert names.account(text) not in {"", "-"} or names.account(text) == ""
    names.path_fits([text], text, below=True)
    names.user_fits([text], text)
    names.host_fits([text], text)
    names.folder(text)


@given(st.ip_addresses())
def test_every_address_is_read_back(address: object) -> None:
    found = names.address(str(address))
    mapped = getattr(address, "ipv4_mapped", None)
    assert found == (mapped or address)
