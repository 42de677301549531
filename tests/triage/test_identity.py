"""Which machine is this? Assets by name, alias, address and family, and texts that mention them - or only seem to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.model.asset import Inventory
from detector.triage.identity import Directory, UncPath, unc_path, unc_paths
from tests.company import INVENTORY, directory
from tests.making import T0, after, event, logon

HERE = directory()

ASSETS = {
    "WEIGHTS-1": "WEIGHTS-1",
    "weights-1.corp.kestrel.example": "WEIGHTS-1",
    "WEIGHTS-1.KESTREL.EXAMPLE.": "WEIGHTS-1",
    "weights-1.corp.kestrel.example:3389": "WEIGHTS-1",
    "\\\\weights-1": "WEIGHTS-1",
    "WEIGHTS-1$": "WEIGHTS-1",
    "WEIGHTS-1$@CORP.KESTREL.EXAMPLE": "WEIGHTS-1",
    "strongroom": "WEIGHTS-1",
    "StrongRoom.corp.kestrel.example": "WEIGHTS-1",
    "vault.kestrel.example": "WEIGHTS-1",
    "VAULT.kestrel.example.": "WEIGHTS-1",
    "vault": "WEIGHTS-1",
    "192.0.2.40": "WEIGHTS-1",
    "::ffff:192.0.2.40": "WEIGHTS-1",
    "192.0.2.40:445": "WEIGHTS-1",
    "2001:0db8:0005::0040": "WEIGHTS-1",
    "2001-db8-5--40.ipv6-literal.net": "WEIGHTS-1",
    "[2001:db8:5::40]:443": "WEIGHTS-1",
    "node07": "node07",
    "NODE07.corp.kestrel.example": "node07",
    "192.0.2.130": "node (192.0.2.130)",
    "kb-g012": "KB-G012",
    "198.51.100.70": "gpu-desk (198.51.100.70)",
}


@pytest.mark.parametrize(("text", "wanted"), ASSETS.items())
def test_an_asset_in_every_spelling(text: str, wanted: str) -> None:
    """'Names compared without case and without domain'; 'a family: incidents name the member, not the family'."""
    member = HERE.asset(text, T0)
    assert member is not None
    assert member.name == wanted


NO_ASSETS = """
    weights-10 weights xstrongroom 1weights-1 weights-1.evil.example weights-1.corp.kestrel.example.evil.example
    vault.evil.example node node7 node077 gpu-desk 192.0.2.41 192.0.2.4 127.0.0.1 -
""".split()


@pytest.mark.parametrize("text", ["", *NO_ASSETS])
def test_a_machine_that_only_looks_like_an_asset(text: str) -> None:
    assert HERE.asset(text, T0) is None


def test_a_familys_member_is_named_by_who_had_the_address() -> None:
    seen = directory([logon("DC-1", "192.0.2.130", "NODE03$"), logon("DC-1", "192.0.2.131", "TOASTER$")])
    named = [seen.asset(address, T0) for address in ("192.0.2.130", "192.0.2.131")]
    assert [(one.name, one.host) for one in named if one] == [
        ("node03", "NODE03"),
        ("node (192.0.2.131)", "192.0.2.131"),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("192.0.2.8", "HOP-1"),
        ("::ffff:192.0.2.8", "HOP-1"),
        ("hop-1.corp.kestrel.example", "HOP-1"),
        ("192.0.2.40", "WEIGHTS-1"),
        ("strongroom", "WEIGHTS-1"),
        ("kb-l001", "KB-L001"),
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.200", "KB-L009"),
        ("192.0.2.77", "SRV-7"),
        ("203.0.113.9", "203.0.113.9"),
        ("::1", ""),
        ("127.0.0.1", ""),
        ("0.0.0.0", ""),
        ("LOCAL", ""),
        ("-", ""),
    ],
)
def test_a_host_by_name_or_address(text: str, wanted: str) -> None:
    answers = {"srv-7.kestrel.example": "192.0.2.77", "cdn.elsewhere.example": "203.0.113.9"}
    dns = "Microsoft-Windows-DNS-Client"
    seen = [event(dns, 3008, "KB-L001", QueryName=name, QueryResults=address) for name, address in answers.items()]
    assert directory([*seen, logon("DC-1", "198.51.100.200", "KB-L009$")]).host_of(text, T0) == wanted


def test_services_and_jump_hosts() -> None:
    dns = "Microsoft-Windows-DNS-Client"
    seen = directory([event(dns, 3008, "KB-L001", QueryName="cdn.elsewhere.example", QueryResults="203.0.113.9;")])
    assert seen.service_of("203.0.113.9", T0) == ["cdn.elsewhere.example"]
    assert seen.service_of("cdn.elsewhere.example", T0) == []
    assert seen.is_jump_host("hop-2.corp.kestrel.example")
    assert not seen.is_jump_host("HOP-22")


MENTIONS = {
    r"net use Z: \\weights-1\models$": ["WEIGHTS-1"],
    r"net use Z: \\vault\models$": ["WEIGHTS-1"],
    r"dir //weights-1/models$/x": ["WEIGHTS-1"],
    r"robocopy \\?\UNC\weights-1\models$ D:\x": ["WEIGHTS-1"],
    r"robocopy \\192.0.2.40\m$ D:\x": ["WEIGHTS-1"],
    r"robocopy \\2001-db8-5--40.ipv6-literal.net\m$ D:\x": ["WEIGHTS-1"],
    r"copy x \\weights-1@SSL\DavWWWRoot": ["WEIGHTS-1"],
    r"robocopy D:\x E:\y /log:\\weights-1\c$\l": ["WEIGHTS-1"],
    r'python -c "open(\"\\\\weights-1\\m$\")"': ["WEIGHTS-1"],
    "mstsc /v:infer-2": ["INFER-2"],
    "mstsc /v:infer-2.corp.kestrel.example:3389": ["INFER-2"],
    "mstsc /v infer-2 /admin": ["INFER-2"],
    "ssh ada@node07": ["node07"],
    "ssh ada@node07.corp.kestrel.example squeue -u ada": ["node07"],
    "ssh ada@192.0.2.130": ["node (192.0.2.130)"],
    "ssh ada@2001:db8:5::40": ["WEIGHTS-1"],
    "curl http://[2001:db8:5::40]:8000/": ["WEIGHTS-1"],
    "curl http://[::ffff:192.0.2.40]/": ["WEIGHTS-1"],
    r"scp C:\x\y ada@node07:/scratch": ["node07"],
    r"pscp C:\x\y node07:models/": ["node07"],
    r"scp C:\x\y node07:": ["node07"],
    "curl http://infer-2:8000/v1/models": ["INFER-2"],
    "curl http://u:p@infer-2/v1": ["INFER-2"],
    "Enter-PSSession -ComputerName infer-2": ["INFER-2"],
    "Enter-PSSession -ComputerName:infer-2": ["INFER-2"],
    "Enter-PSSession infer-2\r\nGet-Process": ["INFER-2"],
    "icm -cn 'kb-l001','infer-2',node07 {x}": ["INFER-2", "node07"],
    "icm (gc hosts) {x}; $h=[infer-2]": ["INFER-2"],
    "winrs -r:infer-2 cmd": ["INFER-2"],
    'wmic /node:"infer-2" process list': ["INFER-2"],
    "tasklist /s infer-2": ["INFER-2"],
    "cmdkey /generic:TERMSRV/infer-2 /user:x": ["INFER-2"],
    "nc lake 445": ["LAKE"],
    "ping lake": ["LAKE"],
    "--host=lake": ["LAKE"],
    "sc \\\\192.0.2.50 create x": ["INFER-2"],
    "weights-1 infer-2 weights-1": ["WEIGHTS-1", "INFER-2"],
    # near misses
    r"robocopy D:\lake\corpus E:\x": [],
    r"robocopy C:\builds\infer-2\out \\files\infer-2": [],
    r"robocopy \\files\infer-2\out D:\x": [],
    r'"C:\\Users\\strongroom\\x.txt"': [],
    r"type C:\lake.txt lake\notes.md data/lake/x": [],
    "dune build @lake.opam": [],
    "notepad weights-1.log": [],
    "notepad strongroom-notes.txt": [],
    "curl https://weights-1.evil.example/x": [],
    "curl https://evil.example/weights-1": [],
    "curl https://evil.example/?c=lake&x=1": [],
    "docker run vault": [],
    "vault server -dev": [],
    "git checkout gpu-desk": [],
    "echo weights-1$": [],
    "tool -lake --lake": [],
    "x-lake lake-x xlake lakex": [],
    "1.192.0.2.40 192.0.2.400": [],
    "12:30:45 node07-a": [],
    "": [],
}


@pytest.mark.parametrize(("text", "wanted"), MENTIONS.items())
def test_assets_a_text_mentions(text: str, wanted: list[str]) -> None:
    """4.4: 'command line: `mstsc /v:`, `\\\\host\\share`, `ssh user@host`, `net use`, `Enter-PSSession`, `sc \\\\host`'."""
    assert [member.name for member in HERE.mentions(text, T0)] == wanted


def test_without_known_domains_a_dotted_name_must_stand_where_a_host_stands() -> None:
    """An inventory 'needs only name, role, criticality': then ``weights-1.log`` must not be a host of some domain."""
    bare = Directory(replace(INVENTORY, dns_domains=()))
    assert bare.mentions("notepad weights-1.log lake.txt node07.yaml", T0) == []
    assert [member.name for member in bare.mentions(r"dir \\weights-1.some.where\x", T0)] == ["WEIGHTS-1"]


UNC = {
    r"copy \\a\b\c d": [("a", "b", r"\c")],
    r'copy "\\a.b.c\d$" "\\e\f"': [("a.b.c", "d$", ""), ("e", "f", "")],
    r"robocopy \\a\b\c \\d\e\f /mir": [("a", "b", r"\c"), ("d", "e", r"\f")],
    r"//a/b/c": [("a", "b", "/c")],
    r"\\?\UNC\a\b": [("a", "b", "")],
    r"\\\\a\\b": [("a", "b", "")],
    r"/log:\\a\b": [("a", "b", "")],
    r"http://a/b https://c/d": [],
    r'"C:\\a\\b" x\\a\b \\a': [],
    "": [],
}


@pytest.mark.parametrize(("text", "wanted"), UNC.items())
def test_unc_paths_of_a_text(text: str, wanted: list[tuple[str, str, str]]) -> None:
    assert unc_paths(text) == [UncPath(*parts) for parts in wanted]


def test_a_unc_path_as_a_whole() -> None:
    assert unc_path("//Weights-1/models$/a b/../c") == UncPath("weights-1", "models$", "\\c")
    assert unc_path("\\\\?\\UNC\\weights-1\\runs") == UncPath("weights-1", "runs", "")
    assert unc_path("E:\\exports") is None


@pytest.mark.parametrize(
    ("host", "text", "wanted"),
    [
        ("WEIGHTS-1", r"7z a x.7z M:\models\big", True),
        ("WEIGHTS-1", r'7z a x.7z "m:/models"', True),
        ("WEIGHTS-1", r"tar(\"M:\\models\\big\")", True),
        ("WEIGHTS-1", r"\\?\M:\models", True),
        ("WEIGHTS-1", r"dir M:\models2", False),
        ("WEIGHTS-1", r"dir M:\models.bak", False),
        ("WEIGHTS-1", r"dir XM:\models", False),
        ("INFER-2", r"dir M:\models", False),
        ("KB-G012", r"cp D:\tune\a s3://x", True),
        ("KB-G012", r"cp C:\Users\ada\.cache\models\m.bin x", True),
        ("KB-G012", r"cp C:\Users\ada\deep\.cache\models\m.bin x", False),
        ("KB-L001", r"cp D:\tune\a s3://x", False),
    ],
)
def test_a_machines_own_model_files(host: str, text: str, wanted: bool) -> None:
    assert HERE.local_asset_path(host, text, T0) is wanted


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        (r"D:\run[1-3]", r"cp D:\run2\a x", True),
        (r"D:\run[1-3]", r"cp D:\run4\a x", False),
        (r"D:\run[!1-3]", r"cp D:\run4\a x", True),
        (r"D:\run[!1-3]", r"cp D:\run2\a x", False),
        (r"D:\run[!1-3]", r"cp D:\run\ x", False),
        (r"D:\run[3-1]", r"cp D:\run2\a x", False),
        (r"D:\run[^&&[]", r"cp D:\run&\a x", True),
    ],
)
def test_brackets_in_a_model_path(pattern: str, text: str, wanted: bool) -> None:
    """docs/assets.md: "Patterns are `*`, `?` and `[1-4]`, as in file names"."""
    assert Directory(Inventory(model_paths=(pattern,))).local_asset_path("A", text, T0) is wanted


@given(st.text(st.sampled_from("\\/:@.-_=$ []\"'ab19\u0130é\n"), max_size=60))
def test_no_text_breaks_the_directory(text: str) -> None:
    HERE.mentions(text, T0)
    HERE.asset(text, T0)
    HERE.host_of(text, T0)
    HERE.local_asset_path(text, text, T0)
    unc_paths(text)
    unc_path(text)


@pytest.mark.parametrize(
    "unit", ["\\", "//", "a:", ":", "[", "@", "=", "-a:", "\\\\?\\unc\\", "1.", "node07 ", "ab/", " /v:"]
)
def test_a_long_hostile_text_is_read_in_good_time(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    HERE.mentions(text, after(1))
    unc_paths(text)
    HERE.local_asset_path("WEIGHTS-1", text, T0)
