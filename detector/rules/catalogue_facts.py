"""What a fact must look like to be one: domains that are domains, paths that can exist, nothing that matches everything.

Public collections of artefacts hold many that are none: an IP range among the domains, a program's name among the services, a
path without a folder, ``agent.exe``. A rule made of one is silent for ever, or never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)+[a-z][a-z0-9-]*[a-z]")
_FILE_ENDINGS = frozenset("exe dll msi sys zip txt log ini dat bat ps1 php html local".split())
#: Clouds and makers whose names everybody looks up: a tool may be there, but a look-up does not tell.
_SHARED = frozenset(
    "amazonaws.com amazon.com s3.amazonaws.com azure.com azureedge.net windows.net core.windows.net blob.core.windows.net "
    "cloudapp.net microsoft.com windows.com live.com office.com office365.com google.com googleapis.com gstatic.com "
    "cloudfront.net cloudflare.com akamaized.net akamai.net fastly.net github.com githubusercontent.com gitlab.com "
    "digicert.com verisign.com letsencrypt.org pusher.com sentry.io firebaseio.com pubnub.com apple.com".split()
)
_PATH = re.compile(r"(?:%[A-Za-z][A-Za-z0-9]*(?:\([xX]86\))?%|[A-Z]:|\*)\\.+")
_REGISTRY = re.compile(r"HK(?:LM|CU|U|CR)\\[^\\].*")
_PORT = re.compile(r"(?:tcp|udp)/([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?")
_PORTS = 65_535
_NOT_IN_A_PATH = re.compile(r'[<>"|/\x00-\x1f]')
#: Words that are in the names of programs of every kind.
_GENERAL = frozenset(
    "agent client server service setup install installer uninstall update updater launcher helper viewer main app host remote "
    "support desktop access tray monitor manager connect control session bin program program files programdata windows system32 "
    "svchost cmd powershell rundll32 temp users public downloads".split()
)
_WILD = re.compile(r"[*?]+")
_SHORTEST = 3


def objection(kind: str, value: str) -> str:
    """What speaks against a fact of this kind; empty for one that can be."""
    if value != value.strip() or "\n" in value:
        return "white space around it"
    return _OBJECTIONS.get(kind, _of_name)(value)


def _of_name(value: str) -> str:
    return "so general that it matches everything" if _is_general(value) else ""


def _is_general(value: str) -> bool:
    left = _WILD.sub("", value).lower().strip(" ._-\\")
    return len(left) < _SHORTEST or left in _GENERAL


def _of_image(value: str) -> str:
    if value != value.lower() or "\\" in value or "/" in value:
        return "a file name in lower case, without a folder"
    stem, dot, ending = value.rpartition(".")
    if not dot and "*" not in value:
        return "a file name has an ending"
    plain = stem if ending in ("exe", "dll", "msi", "jar", "scr", "com") else value
    return "" if plain.isalnum() and len(plain) == _SHORTEST - 1 else _of_name(plain)


def _of_domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value):
        return "no DNS name; in lower case, with '*.' only in front"
    if value.rsplit(".", 1)[1] in _FILE_ENDINGS:
        return "the name of a file, not of a host"
    return "shared with everybody" if value.removeprefix("*.") in _SHARED else ""


def _of_path(value: str) -> str:
    if not _PATH.fullmatch(value):
        return "a path begins with %VARIABLE%\\, a drive or *\\"
    if _NOT_IN_A_PATH.search(value):
        return "has a character that no path can have"
    parts = re.split(r"\\", value)[1:]
    return "so general that it matches everything" if all(map(_is_general, parts)) else ""


def _of_registry(value: str) -> str:
    if not _REGISTRY.fullmatch(value):
        return "a registry path begins with HKLM\\, HKCU\\, HKU\\ or HKCR\\"
    return _of_name(value.rsplit("\\", 1)[1]) if value.count("\\") < _SHORTEST else ""


def _of_port(value: str) -> str:
    found = _PORT.fullmatch(value)
    if not found or any(int(port) > _PORTS for port in found.groups() if port):
        return "a port is tcp/443 or udp/50001-50003"
    return "" if not found[2] or int(found[1]) < int(found[2]) else "the range ends before it begins"


def _of_pipe(value: str) -> str:
    return "without the \\\\.\\pipe\\ in front" if "\\" in value else _of_name(value)


def _of_text(value: str) -> str:
    return "so short that it matches everything" if len(_WILD.sub("", value)) < _SHORTEST - 1 else ""


_OBJECTIONS: Mapping[str, Callable[[str], str]] = {
    "images": _of_image,
    "original_names": _of_name,
    "paths": _of_path,
    "registry": _of_registry,
    "ports": _of_port,
    "domains": _of_domain,
    "pipes": _of_pipe,
    "switches": _of_text,
    "agents": _of_text,
}
