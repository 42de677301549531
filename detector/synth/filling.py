"""What a scenario leaves out: the rest of a real event's fields, stable, plausible, and telling no story of its own.

What is unknown is ``-``, a zero GUID, or an account's stable made-up SID; nothing here depends on clock or chance.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from detector.synth.kinds import Kind
from detector.synth.scenario import FieldText

_WELL_KNOWN = {
    "system": ("S-1-5-18", 0x3E7),
    "local service": ("S-1-5-19", 0x3E5),
    "network service": ("S-1-5-20", 0x3E4),
    "anonymous logon": ("S-1-5-7", 0x3E6),
}
_ZERO_GUID = "{00000000-0000-0000-0000-000000000000}"
_PRIVILEGES = (
    "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeImpersonatePrivilege"
)
_OUTBOUND = "%%14593"


def stable(*parts: str) -> int:
    """A 64-bit number that depends on ``parts`` (without case) alone, on every machine."""
    return int.from_bytes(_digest(*parts)[:8], "big")


def stable_guid(*parts: str) -> str:
    """A GUID (lower case, without braces) that depends on ``parts`` alone."""
    return str(uuid.UUID(bytes=_digest(*parts)[:16], version=4))


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).lower().encode("utf-8", "surrogatepass")).digest()


def short_name(host: str) -> str:
    """The host without domain, upper case: as file names and identities have it."""
    return host.split(".", 1)[0].upper()


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of an event whose fields are being filled.

    ``hashes`` are those the story gives, by the program's original name: the same program has them everywhere.
    """

    time: datetime
    host: str
    fields: Mapping[str, FieldText]
    hashes: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The field's text, empty when the scenario does not give one."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


def account_sid(host: str, domain: str, user: str) -> str:
    """The SID of an account: well-known, local to ``host``, or of the one domain every scenario plays in."""
    if user in ("", "-"):
        return "S-1-0-0"
    known = _WELL_KNOWN.get(user.lower())
    if known:
        return known[0]
    local = domain.upper() == short_name(host)
    authority = stable("authority", short_name(host) if local else "")
    parts = "-".join(str(1_000_000_000 + (authority >> shift & 0x3FFFFFFF)) for shift in (0, 17, 34))
    return f"S-1-5-21-{parts}-{1001 + stable('rid', user) % (40 if local else 9000)}"


def _logon_id(host: str, user: str) -> str:
    if user in ("", "-"):
        return "0x0"
    name = user.rsplit("\\", 1)[-1]
    known = _WELL_KNOWN.get(name.lower())
    return f"0x{known[1] if known else 0x40000 + stable('logon', short_name(host), name) % 0xFFFFFF:x}"


def _subject_sid(given: Given) -> str:
    user = given.text("SubjectUserName")
    if user.endswith("$") and user[:-1].upper() == short_name(given.host):
        return "S-1-5-18"  # a machine's own account, on itself, is SYSTEM
    return account_sid(given.host, given.text("SubjectDomainName"), user)


def _subject_logon(given: Given) -> str:
    user = given.text("SubjectUserName")
    return "0x3e7" if user[:-1].upper() == short_name(given.host) else _logon_id(given.host, user)


def _hashes(given: Given) -> str:
    name = given.text("OriginalFileName").strip("-") or given.text("Image").rsplit("\\", 1)[-1]
    if told := given.hashes.get(name.lower()):
        return told
    return f"SHA256={_digest(name, given.text('Company'), given.text('FileVersion')).hex().upper()}"


def _is_system(given: Given) -> bool:
    return given.text("User").upper().startswith("NT AUTHORITY\\")


def _is_ntlm(given: Given) -> bool:
    return given.text("AuthenticationPackageName").upper() == "NTLM"


def _block_id(given: Given) -> str:
    return stable_guid("block", given.host, given.text("ScriptBlockText"), given.time.isoformat())


_RULES: Mapping[str, Callable[[Given], str]] = {
    "utc": lambda given: f"{given.time:%Y-%m-%d %H:%M:%S}.{given.time.microsecond // 1000:03d}",
    "zero_guid": lambda given: _ZERO_GUID,
    "logon": lambda given: _logon_id(given.host, given.text("User")),
    "session": lambda given: "0" if _is_system(given) else "1",
    "integrity": lambda given: "System" if _is_system(given) else "Medium",
    "hashes": _hashes,
    "source_v6": lambda given: "true" if ":" in given.text("SourceIp") else "false",
    "destination_v6": lambda given: "true" if ":" in given.text("DestinationIp") else "false",
    "subject_sid": _subject_sid,
    "subject_logon": _subject_logon,
    "target_sid": lambda given: account_sid(given.host, given.text("TargetDomainName"), given.text("TargetUserName")),
    "target_logon": lambda given: _logon_id(given.host, given.text("TargetUserName")),
    "lm": lambda given: "NTLM V2" if _is_ntlm(given) else "-",
    "key_length": lambda given: "128" if _is_ntlm(given) else "0",
    "privileges": lambda given: _PRIVILEGES,
    "layer": lambda given: "%%14611" if given.text("Direction") == _OUTBOUND else "%%14610",
    "layer_id": lambda given: "48" if given.text("Direction") == _OUTBOUND else "44",
    "block_id": _block_id,
}


def fill(kind: Kind, provider: str, given: Given) -> dict[str, FieldText]:
    """Every field of the event in the order its provider logs them."""
    if kind.container == "Data":
        return _classic(provider, given)
    filled: dict[str, FieldText] = {}
    for known in kind.fields:
        if known.name in given.fields:
            filled[known.name] = given.fields[known.name]
        else:
            filled[known.name] = _RULES[known.default[1:]](given) if known.default.startswith("@") else known.default
    return filled


def _classic(provider: str, given: Given) -> dict[str, FieldText]:
    """A classic provider's strings. Windows Installer always logs seven, and the product code as binary."""
    data = given.fields["Data"]
    texts = data if isinstance(data, tuple) else (data or "",)
    if provider != "MsiInstaller" or len(texts) > 1:
        return {"Data": texts, **{name: value for name, value in given.fields.items() if name != "Data"}}
    product = f"{{{stable_guid('product', texts[0]).upper()}}}"
    return {
        "Data": (*texts, "(NULL)", "(NULL)", "(NULL)", "(NULL)", "(NULL)", ""),
        "Binary": product.encode().hex().upper(),
    }
