"""Names as logs and people spell them: hosts, users, paths; and the patterns of ``assets.yml`` and ``policy.yml``.

Reading rules of the two files: names are compared without case and without domain; patterns are ``*``, ``?`` and
``[1-4]`` as in file names.
"""

from __future__ import annotations

import ntpath
import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

#: What logs write where the other side is the machine itself or nobody (rmm-facts 4.4, rule 1).
_NOBODY = frozenset({"", "-", "local", "localhost", "?", "n/a", "null"})


#: How Windows spells an IPv6 address where a host name must stand: ``\\\\2001-db8--40.ipv6-literal.net\\share``.
_LITERAL = ".ipv6-literal.net"


@lru_cache(maxsize=4096)
def address(text: str) -> Address | None:
    """The address in ``text``, without brackets, scope, port or the ``::ffff:`` of a mapped IPv4; ``None`` if it is none."""
    text = text.strip().lower().removeprefix("\\\\")
    if text.endswith(_LITERAL):
        text = text.removesuffix(_LITERAL).split("s", 1)[0].replace("-", ":")
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].split("]", 1)[0]
    elif text.count(":") == 1:  # 192.0.2.1:443
        text = text.split(":", 1)[0]
    try:
        found = ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


@lru_cache(maxsize=4096)
def full_host(text: str) -> str:
    """The name with its domain in lower case; empty for the machine itself, nobody, or an address (see :func:`address`).

    Reads ``\\\\name\\share``, ``name.domain``, ``name:port``, and a machine's account as ``DOMAIN\\name$`` or ``name$@REALM``.
    """
    name = text.strip().replace("/", "\\")
    name = name.lstrip("\\").split("\\", 1)[0] if name.startswith("\\") else name.rsplit("\\", 1)[-1]
    name = name.split("@", 1)[0].rstrip("$.").lower()
    if name in _NOBODY or address(name) is not None:
        return ""
    name = name.split(":", 1)[0].rstrip(".")
    return "" if name.split(".", 1)[0] in _NOBODY else name


def host(text: str) -> str:
    """The short name in upper case, without domain; empty where :func:`full_host` is."""
    return full_host(text).split(".", 1)[0].upper()


def account(text: str) -> str:
    """The account name in lower case without domain (``BRINDLE\\x``, ``x@y`` -> ``x``); empty for nobody."""
    name = text.strip().rsplit("\\", 1)[-1].split("@", 1)[0].lower()
    return "" if name in {"", "-"} else name


def distinct_users(users: Iterable[str]) -> tuple[str, ...]:
    """The users in order, without nobody, and without a bare name where the same account stands with its domain."""
    every = sorted({user for user in users if account(user)}, key=lambda user: (user.lower(), user))
    full = {account(user) for user in every if "\\" in user}
    return tuple(user for user in every if "\\" in user or account(user) not in full)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.lower()))


def fits(pattern: str, text: str) -> bool:
    """Whether ``text`` fits the pattern, without case."""
    return _compiled(pattern).match(text.lower()) is not None


def host_fits(patterns: Iterable[str], name: str) -> bool:
    """Whether the host (any spelling) fits one of the patterns, both without domain; an address only itself."""
    short = host(name)
    if not short:
        return address(name) is not None and any(address(pattern) == address(name) for pattern in patterns)
    return any(address(pattern) is None and fits(pattern.split(".", 1)[0], short) for pattern in patterns)


def user_fits(patterns: Iterable[str], user: str) -> bool:
    """Whether the user fits one of the patterns. The domain counts only where both sides name one."""
    name = account(user)
    if not name:
        return False
    domain = user.split("\\", 1)[0] if "\\" in user else ""
    for pattern in patterns:
        wanted_domain, _, wanted = pattern.rpartition("\\")
        named = fits(wanted, name) or ("@" in wanted and fits(wanted, user))
        if named and (not wanted_domain or not domain or fits(wanted_domain, domain)):
            return True
    return False


_DEVICE = re.compile(r"^(?:\\device\\harddiskvolume\d+|[a-z]:)(?=\\)")
_LONG = re.compile(r"^(?:\\\\[?.]|\\\?\?)\\(?:(unc\\)|(?=[a-z]:))")

#: Variables as a service's path or a task spells them; where Windows lies elsewhere, its paths are written out.
_VARIABLES = {
    "%programfiles%": "c:\\program files",
    "%programfiles(x86)%": "c:\\program files (x86)",
    "%programdata%": "c:\\programdata",
    "%systemroot%": "c:\\windows",
    "%windir%": "c:\\windows",
    "%systemdrive%": "c:",
    "\\systemroot": "c:\\windows",
}


@lru_cache(maxsize=4096)
def plain_path(text: str) -> str:
    """A Windows path to compare: lower case, backslashes, no quotes, no ``\\??\\`` or ``\\\\?\\UNC\\``, ``..`` resolved.

    A volume as ``c:`` or as a device stays.
    """
    path = text.strip().strip('"').replace("/", "\\").lower()
    path = _LONG.sub(lambda match: "\\\\" if match[1] else "", path)
    for variable, meant in _VARIABLES.items():
        if path.startswith(variable + "\\"):
            path = meant + path[len(variable) :]
    return ntpath.normpath(path) if path else ""


def path_fits(patterns: Iterable[str], path: str, *, below: bool = False) -> bool:
    """Whether the path fits one of the patterns; with ``below`` also when it lies under it.

    A kernel path (``\\device\\harddiskvolume3\\...``, Security 5156) has no drive letter: the volumes are not compared then.
    """
    candidate = plain_path(path)
    if not candidate:
        return False
    volume_free = candidate.startswith("\\device\\")
    for pattern in patterns:
        wanted = plain_path(pattern)
        have = candidate
        if volume_free:
            wanted, have = _DEVICE.sub("", wanted), _DEVICE.sub("", have)
        if fits(wanted, have) or (below and fits(wanted.rstrip("\\") + "\\*", have)):
            return True
    return False


def file_name(path: str) -> str:
    """The last part of a path, lower case."""
    return plain_path(path).rsplit("\\", 1)[-1]


def folder(path: str) -> str:
    """The folder of a path, lower case, without volume; empty when the path has none."""
    return _DEVICE.sub("", plain_path(path)).rpartition("\\")[0]


def fits_any(patterns: Iterable[str], text: str) -> bool:
    """Whether a non-empty text fits one of the patterns, without case."""
    return bool(text) and any(fits(pattern, text) for pattern in patterns)
