"""What each kind of machine logs all day: one small function a kind of event, drawn from :mod:`detector.synth.everyday`."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from detector.synth.everyday import BLOCKS, FILES, NAMES, PROGRAMS, SERVICES, TASKS, Program
from detector.synth.filling import short_name, stable

SYSMON = "Microsoft-Windows-Sysmon/Operational"
POWERSHELL = "Microsoft-Windows-PowerShell/Operational"
SCHEDULER = "Microsoft-Windows-TaskScheduler/Operational"
PROVIDERS = {
    SYSMON: "Microsoft-Windows-Sysmon",
    "Security": "Microsoft-Windows-Security-Auditing",
    "System": "Service Control Manager",
    POWERSHELL: "Microsoft-Windows-PowerShell",
    SCHEDULER: "Microsoft-Windows-TaskScheduler",
}
_FIRST_PID = 0x8000  # above what stories use, so that no process of theirs gets a foreign child


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as the scenario shows it. ``kinds`` are the events it may log, ``user`` who works there, if anybody,
    ``sysmon_id`` the first eight digits of every process GUID there.
    """

    name: str
    address: str
    user: str
    kinds: frozenset[tuple[str, int]]
    sysmon_id: str
    role: str = "member"  # member | controller | files


@dataclass(frozen=True, slots=True)
class Scene:
    """What an event is drawn from: the machine it happens on, the others, addresses of the Internet, the domain."""

    chance: random.Random
    machine: Machine
    members: tuple[Machine, ...]
    internet: tuple[str, ...]
    domain: str

    def pid(self) -> int:
        """A process id of its own range."""
        return _FIRST_PID + 4 * self.chance.randrange(6000)

    def process(self) -> str:
        """A new process GUID."""
        return _guid(self.machine, f"{self.chance.getrandbits(32):08x}")


_Fields = Mapping[str, str]
_Recipe = Callable[[Scene], tuple[int, _Fields]]


def _guid(machine: Machine, middle: str) -> str:
    return f"{{{machine.sysmon_id}-{middle[:4]}-6{middle[4:7]}-{middle[7:].ljust(4, '0')}-0000000c0d00}}"


def recipes(machine: Machine) -> list[tuple[str, _Recipe]]:
    """What this machine may log. Process and filter auditing only where the story shows it: it is rarely switched on."""
    channels = {channel for channel, _ in machine.kinds}
    found: list[tuple[str, _Recipe]] = [
        ("System", _service_state),
        ("Security", _service_logon),
        ("Security", _privileges),
    ]
    if SYSMON in channels:
        found += [(SYSMON, recipe) for recipe in (_process, _process, _connection, _file, _query, _ended)]
    if ("Security", 4688) in machine.kinds:
        found += [("Security", _audited_process)] * 2
    if ("Security", 5156) in machine.kinds:
        found.append(("Security", _permitted))
    if POWERSHELL in channels:
        found.append((POWERSHELL, _script_block))
    if SCHEDULER in channels:
        found.append((SCHEDULER, _task))
    if machine.role == "controller":
        found += [("Security", recipe) for recipe in (_machine_logon, _machine_logon, _policy_share, _validation)]
    if machine.role == "files":
        found += [("Security", recipe) for recipe in (_document, _document, _logoff)]
    return found


def _program(scene: Scene) -> tuple[Program, str, bool]:
    """A program, who runs it, and whether that is a person."""
    personal = bool(scene.machine.user) and scene.chance.random() < 0.6
    program = scene.chance.choice([program for program in PROGRAMS if program.personal == personal])
    return program, scene.machine.user if personal else "NT AUTHORITY\\SYSTEM", personal


def _process(scene: Scene) -> tuple[int, _Fields]:
    program, user, personal = _program(scene)
    parent = r"C:\Windows\explorer.exe" if personal else r"C:\Windows\System32\services.exe"
    return 1, {
        "ProcessGuid": scene.process(),
        "ProcessId": str(scene.pid()),
        "Image": program.image,
        "FileVersion": program.version,
        "Description": program.description,
        "Product": program.product,
        "Company": "Microsoft Corporation",
        "OriginalFileName": program.original,
        "CommandLine": program.command,
        "User": user,
        "IntegrityLevel": "Medium" if personal else "System",
        "ParentProcessGuid": _guid(scene.machine, f"{stable(parent, scene.machine.name) % 2**32:08x}"),
        "ParentProcessId": str(_FIRST_PID + (8 if personal else 4)),
        "ParentImage": parent,
        "ParentCommandLine": parent,
    }


def _actor(scene: Scene) -> dict[str, str]:
    program, user, _ = _program(scene)
    return {"ProcessGuid": scene.process(), "ProcessId": str(scene.pid()), "Image": program.image, "User": user}


def _ended(scene: Scene) -> tuple[int, _Fields]:
    return 5, _actor(scene)


def _connection(scene: Scene) -> tuple[int, _Fields]:
    return 3, _actor(scene) | {
        "Initiated": "true",
        "SourceIp": scene.machine.address,
        "SourcePort": str(50000 + scene.chance.randrange(9000)),
        "DestinationIp": scene.chance.choice(scene.internet),
        "DestinationHostname": scene.chance.choice(NAMES),
        "DestinationPort": "443",
        "DestinationPortName": "https",
    }


def _query(scene: Scene) -> tuple[int, _Fields]:
    answer = f"::ffff:{scene.chance.choice(scene.internet)};"
    return 22, _actor(scene) | {"QueryName": scene.chance.choice(NAMES), "QueryStatus": "0", "QueryResults": answer}


def _file(scene: Scene) -> tuple[int, _Fields]:
    actor = _actor(scene)
    place = scene.chance.choice(FILES).format(number=f"{scene.chance.getrandbits(32):08x}")
    return 11, actor | {"TargetFilename": place}


def _service_state(scene: Scene) -> tuple[int, _Fields]:
    return 7036, {"param1": scene.chance.choice(SERVICES), "param2": scene.chance.choice(("running", "stopped"))}


def _system_subject(scene: Scene) -> dict[str, str]:
    account = f"{short_name(scene.machine.name)}$"
    return {"SubjectUserName": account, "SubjectDomainName": scene.domain, "SubjectLogonId": "0x3e7"}


def _service_logon(scene: Scene) -> tuple[int, _Fields]:
    return 4624, _system_subject(scene) | {
        "TargetUserName": "SYSTEM",
        "TargetDomainName": "NT AUTHORITY",
        "TargetLogonId": "0x3e7",
        "LogonType": "5",
        "LogonProcessName": "Advapi  ",
        "AuthenticationPackageName": "Negotiate",
        "ProcessName": r"C:\Windows\System32\services.exe",
        "ElevatedToken": "%%1842",
    }


def _privileges(scene: Scene) -> tuple[int, _Fields]:
    return 4672, {"SubjectUserName": "SYSTEM", "SubjectDomainName": "NT AUTHORITY", "SubjectLogonId": "0x3e7"}


def _audited_process(scene: Scene) -> tuple[int, _Fields]:
    program = scene.chance.choice([program for program in PROGRAMS if not program.personal])
    return 4688, _system_subject(scene) | {
        "NewProcessId": f"0x{scene.pid():x}",
        "NewProcessName": program.image,
        "ProcessId": f"0x{_FIRST_PID + 4:x}",
        "CommandLine": program.command,
        "ParentProcessName": r"C:\Windows\System32\services.exe",
        "MandatoryLabel": "S-1-16-16384",
    }


def _permitted(scene: Scene) -> tuple[int, _Fields]:
    return 5156, {
        "ProcessID": str(scene.pid()),
        "Application": r"\device\harddiskvolume3\windows\system32\svchost.exe",
        "SourceAddress": scene.machine.address,
        "SourcePort": str(50000 + scene.chance.randrange(9000)),
        "DestAddress": scene.chance.choice(scene.internet),
        "DestPort": "443",
        "Direction": "%%14593",
    }


def _script_block(scene: Scene) -> tuple[int, _Fields]:
    return 4104, {"ScriptBlockText": scene.chance.choice(BLOCKS)}


def _task(scene: Scene) -> tuple[int, _Fields]:
    name, action = scene.chance.choice(TASKS)
    instance = _guid(scene.machine, f"{scene.chance.getrandbits(32):08x}")
    return 201, {"TaskName": name, "ActionName": action, "TaskInstanceId": instance}


def _account(scene: Scene) -> tuple[Machine, dict[str, str]]:
    member = scene.chance.choice(scene.members)
    return member, {"IpAddress": member.address, "IpPort": str(50000 + scene.chance.randrange(9000))}


def _machine_logon(scene: Scene) -> tuple[int, _Fields]:
    member, network = _account(scene)
    return 4624, network | {
        "TargetUserName": f"{short_name(member.name)}$",
        "TargetDomainName": scene.domain,
        "TargetLogonId": f"0x{0x5000000 + scene.chance.getrandbits(24):x}",
        "LogonType": "3",
        "LogonProcessName": "Kerberos",
        "AuthenticationPackageName": "Kerberos",
    }


def _policy_share(scene: Scene) -> tuple[int, _Fields]:
    member, network = _account(scene)
    return 5140, network | {
        "SubjectUserName": f"{short_name(member.name)}$",
        "SubjectDomainName": scene.domain,
        "ShareName": r"\\*\SYSVOL",
        "ShareLocalPath": r"\??\C:\Windows\SYSVOL\sysvol",
    }


def _validation(scene: Scene) -> tuple[int, _Fields]:
    member, _ = _account(scene)
    return 4776, {"TargetUserName": f"{short_name(member.name)}$", "Workstation": short_name(member.name)}


def _document(scene: Scene) -> tuple[int, _Fields]:
    member, network = _account(scene)
    return 5145, network | {
        "SubjectUserName": f"{short_name(member.name)}$",
        "SubjectDomainName": scene.domain,
        "ShareName": r"\\*\offline$",
        "ShareLocalPath": r"\??\E:\offline",
        "RelativeTargetName": rf"policy\{scene.chance.getrandbits(16):04x}.xml",
        "AccessMask": "0x120089",
        "AccessList": "%%4416",
    }


def _logoff(scene: Scene) -> tuple[int, _Fields]:
    member, _ = _account(scene)
    return 4634, {"TargetUserName": f"{short_name(member.name)}$", "TargetDomainName": scene.domain}
