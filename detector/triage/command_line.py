"""Windows command lines, and what a copy tool's command line says: from where, to where, with which configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from detector.triage import names

_SWITCH_WITH_VALUE = frozenset(
    "config transfers checkers log-file log-level include exclude filter include-from exclude-from filter-from files-from"
    " max-age min-age max-size min-size bwlimit max-transfer max-duration retries retries-sleep low-level-retries"
    " order-by stats cutoff-mode user-agent drive-chunk-size s3-chunk-size buffer-size tpslimit contimeout timeout"
    " backup-dir suffix compare-dest copy-dest max-depth multi-thread-streams multi-thread-cutoff password-command"
    " ca-cert client-cert client-key bind dump cache-dir temp-dir rc-addr rc-user rc-pass endpoint-url profile region"
    " numworkers n".split()
)
_SHORT_WITH_VALUE = frozenset({"-f", "-n", "-P", "-i", "-l", "-pw", "-hostkey"})
_RCLONE_COPY = frozenset({"copy", "copyto", "sync", "move", "moveto", "bisync", "copyurl", "rcat"})
_REMOTE = re.compile(r"^(?:(?P<name>[\w .+@-]{2,}):|(?P<backend>:[\w]+[^:]*):)(?!\\)")


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
    another program name, and of the S3 tools (``cp|sync|mv SOURCE DEST`` with ``s3://``). Source: rclone.org/commands.
    """
    words = arguments(command_line)[1:]
    positional, config = _positional(words)
    if not positional:
        return None
    verbs = [index for index, word in enumerate(positional) if word.lower() in _RCLONE_COPY | {"cp", "mv", "sync"}]
    if verbs and len(positional) >= verbs[0] + 3:
        return _transfer(positional[verbs[0] + 1 : verbs[0] + 3], config)
    if positional[0].lower() == "config" and len(positional) >= 3:
        return Copy("", (positional[2].rstrip(":") + ":",), (), (), config)
    named = tuple(word for word in positional[1:2] if _REMOTE.match(word))
    return Copy("", tuple(remote_name(word) for word in named), named, (), config) if named or config else None


def _positional(words: tuple[str, ...]) -> tuple[list[str], str]:
    positional: list[str] = []
    config, skip = "", ""
    for word in words:
        if skip:
            config = word if skip == "config" else config
            skip = ""
        elif word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name == "config" and equals:
                config = value
            elif not equals and name in _SWITCH_WITH_VALUE:
                skip = name
        elif word in _SHORT_WITH_VALUE:
            skip = word
        elif not (word.startswith("-") and len(word) > 1):
            positional.append(word)
    return positional, config


def _transfer(pair: list[str], config: str) -> Copy:
    source, target = pair
    away, near = is_remote(target), is_remote(source)
    direction = "upload" if away else "download" if near else ""
    remotes = tuple(remote_name(word) for word in pair if is_remote(word))
    return Copy(direction, remotes, (source,), (target,), config)


def is_remote(word: str) -> bool:
    """Whether an argument names a remote of a copy tool (``name:path``, ``:backend:path``, ``s3://``), not a drive."""
    return "://" in word or _REMOTE.match(word) is not None


def remote_name(word: str) -> str:
    """The remote of an argument with its colon (``permafrost:runs`` -> ``permafrost:``); a URL stays whole."""
    if "://" in word:
        return word
    match = _REMOTE.match(word)
    return match.group(0) if match else word


def program(command_line: str) -> str:
    """The program of a command or service path: quoted, or up to the first ``.exe``, or the first word."""
    text = command_line.strip()
    if text.startswith('"'):
        return text[1:].split('"', 1)[0]
    end = text.lower().find(".exe")
    return text[: end + 4] if end >= 0 else (text.split(" ", 1)[0] if text else "")


def is_unc(word: str) -> bool:
    """Whether an argument is a UNC path."""
    return names.plain_path(word).startswith("\\\\")
