"""Windows command lines, and what a copy tool's command line says: from where, to where, with which configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_WITH_VALUE = frozenset(
    "config transfers checkers log-file log-level include exclude filter include-from exclude-from filter-from files-from"
    " max-age min-age max-size min-size bwlimit max-transfer max-duration retries retries-sleep low-level-retries"
    " order-by stats cutoff-mode user-agent drive-chunk-size s3-chunk-size buffer-size tpslimit contimeout timeout"
    " backup-dir suffix compare-dest copy-dest max-depth multi-thread-streams multi-thread-cutoff password-command"
    " ca-cert client-cert client-key bind dump cache-dir temp-dir rc-addr rc-user rc-pass endpoint-url profile region"
    " numworkers password-file tag host parent iexclude exclude-file files-from-raw limit-upload limit-download pack-size"
    " repository-file".split()
)
_ALONE = frozenset(
    "progress verbose quiet dry-run interactive fast-list no-traverse checksum size-only update ignore-existing delete"
    " ignore-times ignore-errors no-check-certificate no-check-dest auto-confirm create-empty-src-dirs metadata links"
    " copy-links track-renames stats-one-line use-json-log rc recursive only-show-errors no-progress no-sign-request"
    " no-verify-ssl resync".split()
)
_VERBS = frozenset({"copy", "copyto", "sync", "move", "moveto", "bisync", "copyurl", "rcat", "cp", "mv"})
_REMOTE = re.compile(r"""^(?::\w+|[^\\/:,'"]{2,})(?:,[^:]*)?:""")


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy command, as its command line shows it. ``direction`` is upload, download or empty (not a copy).

    ``remotes`` are rclone's remote names with their colon (``permafrost:``), ``sources`` and ``targets`` the arguments as
    written; ``config`` the file named by ``--config``, empty when the default is used.
    """

    direction: str
    remotes: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    config: str


@lru_cache(maxsize=4096)
def arguments(command_line: str) -> tuple[str, ...]:
    """The arguments as the Microsoft C runtime splits them: quotes group, backslashes are plain except before a quote."""
    parts: list[str] = []
    current: list[str] = []
    quoted = started = False
    slashes = 0
    for char in command_line:
        if char == "\\":
            slashes += 1
            continue
        if char == '"':
            current.append("\\" * (slashes // 2))
            if slashes % 2:
                current.append('"')
            else:
                quoted = not quoted
            started, slashes = True, 0
            continue
        current.append("\\" * slashes)
        started, slashes = started or bool(current[-1]), 0
        if char in " \t" and not quoted:
            if started:
                parts.append("".join(current))
            current, started = [], False
        else:
            current.append(char)
            started = True
    current.append("\\" * slashes)
    if started or current[-1]:
        parts.append("".join(current))
    return tuple(parts)


def copy_of(command_line: str) -> Copy | None:
    """What a copy tool's command line does, or ``None`` when it has no verb of such a tool.

    Knows the grammar of rclone (``copy|sync|move ... SOURCE DEST``, ``config create NAME``, ``listremotes``) also under
    another program name, of the S3 tools (``cp|sync|mv SOURCE DEST`` with ``s3://``), and of restic (``-r REPOSITORY backup
    SOURCE...``). Sources: rclone.org/commands, restic.readthedocs.io.
    """
    words, config = _positional(arguments(command_line)[1:])
    if (saved := _backup(arguments(command_line)[1:], words)) is not None:
        return saved
    verb = next((index for index, (word, _) in enumerate(words) if word.lower() in _VERBS), None)
    copy = _transfer(words[verb][0].lower(), words[verb + 1 :], config) if verb is not None else None
    if copy is not None or not words:
        return copy
    first, *rest = (word for word, _ in words)
    if first.lower() == "config" and len(rest) >= 2:
        return Copy("", (rest[1].rstrip(":") + ":",), (), (), config)
    named = tuple(word for word in rest[:1] if _REMOTE.match(word))
    return Copy("", tuple(remote_name(word) for word in named), named, (), config) if named or config else None


def _positional(arguments: tuple[str, ...]) -> tuple[list[tuple[str, bool]], str]:
    """The words that are no switch, each with whether it is sure to be no switch's value; and the configuration's file."""
    positional: list[tuple[str, bool]] = []
    config, switch = "", ""
    for word in arguments:
        known = switch in _WITH_VALUE
        if known:
            config = word if switch == "config" else config
            switch = ""
        elif word.startswith("-") and len(word) > 1:
            switch, equals, value = word[2:].partition("=") if word.startswith("--") else ("", "", "")
            config = value if switch == "config" and equals else config
            switch = "" if equals or switch in _ALONE else switch
            switch = "filter" if word == "-f" else switch
        else:
            positional.append((word, not switch))
            switch = ""
    return positional, config


def _transfer(verb: str, words: list[tuple[str, bool]], config: str) -> Copy | None:
    if verb == "rcat" and words:  # what comes in by a pipe goes out
        target = words[0][0]
        return Copy("upload", (remote_name(target),), (), (target,), config)
    pair = _pair(words)
    if len(pair) < 2:
        return None
    source, target = pair
    away = is_remote(target) or (verb == "bisync" and is_remote(source))  # both ways: data leaves whichever comes first
    direction = "upload" if away else "download" if is_remote(source) else ""
    remotes = tuple(remote_name(word) for word in pair if is_remote(word))
    return Copy(direction, remotes, (source,), (target,), config)


def _backup(arguments: tuple[str, ...], words: list[tuple[str, bool]]) -> Copy | None:
    repository = next((after for word, after in pairwise(arguments) if word in ("-r", "--repo")), "")
    repository = repository or next((word[7:] for word in arguments if word.startswith("--repo=")), "")
    named = [word for word, sure in words if word != repository and (sure or set("\\/:") & set(word))]
    if not named or named[0].lower() != "backup" or not repository:
        return None
    return Copy("upload", (), tuple(named[1:]), (repository,), "")


def _pair(words: list[tuple[str, bool]]) -> list[str]:
    """Source and target: the first words that are no switch's value, then those that look like a place, in their order."""

    def doubt(index: int) -> tuple[bool, bool, int]:
        word, sure = words[index]
        return not sure, not sure and not set("\\/:") & set(word), index

    return [words[index][0] for index in sorted(sorted(range(len(words)), key=doubt)[:2])]


def is_remote(word: str) -> bool:
    """Whether an argument names a remote of a copy tool (``name:path``, ``:backend:path``, ``s3://``), not a drive."""
    return "://" in word or _REMOTE.match(word) is not None


def remote_name(word: str) -> str:
    """The remote of an argument with its colon (``permafrost:runs`` -> ``permafrost:``); a URL stays whole."""
    if "://" in word:
        return word
    match = _REMOTE.match(word)
    return match.group(0) if match else word


#: Switches of OpenSSH's programs that are followed by a value (man ssh, scp, sftp).
_SSH_WITH_VALUE = frozenset("-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -P -Q -R -S -s -W -w -X".split())
_SSH_PLACE = re.compile(r"(?:ssh://|sftp://|scp://)?(?:[^@\s:/\\]+@)?(\[[^\]]+\]|[\w.-]{2,})(?=$|[:/])")


def ssh_hosts(command_line: str) -> tuple[str, ...]:
    """The machines that an ``ssh``, ``scp`` or ``sftp`` command goes to: ``user@host``, ``host:path``, of ``ssh`` a bare host."""
    name, *words = arguments(command_line) or ("",)
    copies = name.rsplit("\\", 1)[-1].lower().removesuffix(".exe") in ("scp", "pscp")
    found: list[str] = []
    after = ""
    for word in words:
        if after in _SSH_WITH_VALUE or word.startswith("-"):
            after = "" if after in _SSH_WITH_VALUE else word
            continue
        after = ""
        place = _SSH_PLACE.match(word)
        if place and (not copies or ":" in word):
            found.append(place[1].strip("[]"))
        if not copies:
            break  # what follows is run over there
    return tuple(dict.fromkeys(found))


def program(command_line: str) -> str:
    """The program of a command or service path: quoted, or up to the first ``.exe``, or the first word."""
    text = command_line.strip()
    if text.startswith('"'):
        return text[1:].split('"', 1)[0]
    end = text.lower().find(".exe")
    return text[: end + 4] if end >= 0 else (text.split(" ", 1)[0] if text else "")
