"""What the events of a scenario look like on a real machine: numbers of ``<System>``, fields in order, their types.

Measured from recorded logs and the providers' manifests. A field is spelt ``Name:type=default``; the type is absent for
text, the default ``-``. ``=@word`` takes the default from :mod:`detector.synth.filling`; ``=`` alone is empty text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from detector.synth.values import ValueType

_TYPES = {
    "": ValueType.STRING,
    "u16": ValueType.UINT16,
    "i32": ValueType.INT32,
    "u32": ValueType.UINT32,
    "u64": ValueType.UINT64,
    "bool": ValueType.BOOLEAN,
    "guid": ValueType.GUID,
    "sid": ValueType.SID,
    "h32": ValueType.HEX32,
    "h64": ValueType.HEX64,
    "hex": ValueType.BINARY,
}


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One field of an event. ``default`` is its text when the scenario says nothing; ``@...`` names a rule."""

    name: str
    type: ValueType
    default: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: its GUID (empty for a classic one), its event source name, the SID its events are always logged under.

    PowerShell and the RDP client log under whoever runs them, which a scenario does not say: no SID then.
    """

    guid: str = ""
    source: str = ""
    user: str = ""
    process: str = "service"  # whose process id stands in <Execution>: service | lsass | kernel | none


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event. ``container`` is ``EventData``, ``Data`` (a classic list), or the element under ``UserData``."""

    fields: tuple[FieldKind, ...] = ()
    title: str = ""
    version: int = 0
    level: int = 4
    task: int = 0
    opcode: int = 0
    keywords: int = 0x8000000000000000
    qualifiers: int | None = None
    container: str = "EventData"
    data_name: str = ""


_AUDIT = "{54849625-5478-4994-A5BA-3E3B0328C30D}"
_TS = "Microsoft-Windows-TerminalServices-"
PROVIDERS: Mapping[str, Provider] = {
    "Microsoft-Windows-Sysmon": Provider("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}", user="S-1-5-18"),
    "Microsoft-Windows-Security-Auditing": Provider(_AUDIT, process="lsass"),
    "Microsoft-Windows-Eventlog": Provider("{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}"),
    "Service Control Manager": Provider("{555908D1-A6D7-4695-8E1E-26931D2012F4}", "Service Control Manager"),
    "Microsoft-Windows-PowerShell": Provider("{A0C1853B-5C40-4B15-8766-3CF1C58F985A}"),
    "Microsoft-Windows-TaskScheduler": Provider("{DE7B24EA-73C8-4A09-985D-5BDADCFA9017}", user="S-1-5-18"),
    "Microsoft-Windows-DNS-Client": Provider("{1C95126E-7EEA-49A9-A3FE-A378B03DDB4D}", user="S-1-5-20"),
    _TS + "LocalSessionManager": Provider("{5D896912-022D-40AA-A3A8-4FA5515C76D7}", user="S-1-5-18"),
    _TS + "RemoteConnectionManager": Provider("{C76BAA63-AE81-421C-B425-340B4B24157F}", user="S-1-5-20"),
    _TS + "ClientActiveXCore": Provider("{28AA95BB-D444-4719-A36F-40462168127E}"),
    "Microsoft-Windows-Windows Defender": Provider("{11CD958A-C507-4EF3-B3F2-5FD9DFBD2C78}", user="S-1-5-18"),
}
CLASSIC = Provider(process="none")

_SYS = "RuleName UtcTime=@utc ProcessGuid:guid=@zero_guid ProcessId:u32=0 "
_SUBJECT = "SubjectUserSid:sid=@subject_sid SubjectUserName SubjectDomainName SubjectLogonId:h64=@subject_logon "
_TARGET = "TargetUserSid:sid=@target_sid TargetUserName TargetDomainName "
_NETWORK = "ObjectType=File IpAddress IpPort ShareName ShareLocalPath= "
_LOGGED_ON = 0x8020000000000000
_SCM = 0x8080000000000000

_SYSMON: Mapping[int, tuple[int, str, str]] = {
    1: (
        5,
        "Process Create",
        _SYS + "Image FileVersion Description Product Company OriginalFileName CommandLine "
        "CurrentDirectory=C:\\Windows\\system32\\ User LogonGuid:guid=@zero_guid LogonId:h64=@logon "
        "TerminalSessionId:u32=@session IntegrityLevel=@integrity Hashes=@hashes ParentProcessGuid:guid=@zero_guid "
        "ParentProcessId:u32=0 ParentImage ParentCommandLine ParentUser",
    ),
    3: (
        5,
        "Network connection detected",
        _SYS + "Image User Protocol=tcp Initiated:bool=true SourceIsIpv6:bool=@source_v6 SourceIp SourceHostname "
        "SourcePort:u16=0 SourcePortName DestinationIsIpv6:bool=@destination_v6 DestinationIp DestinationHostname "
        "DestinationPort:u16=0 DestinationPortName",
    ),
    5: (3, "Process terminated", _SYS + "Image User"),
    11: (2, "File created", _SYS + "Image TargetFilename CreationUtcTime=@utc User"),
    13: (2, "Registry value set", "RuleName EventType=SetValue " + _SYS[9:] + "Image TargetObject Details User"),
    17: (1, "Pipe Created", "RuleName EventType=CreatePipe " + _SYS[9:] + "PipeName Image User"),
    22: (5, "Dns query", _SYS + "QueryName QueryStatus=0 QueryResults Image User"),
}

_SECURITY: Mapping[int, tuple[int, int, str, str]] = {  # version, task, title, fields
    4624: (
        2,
        12544,
        "An account was successfully logged on.",
        _SUBJECT + _TARGET + "TargetLogonId:h64=@target_logon LogonType:u32=3 LogonProcessName "
        "AuthenticationPackageName WorkstationName LogonGuid:guid=@zero_guid TransmittedServices LmPackageName=@lm "
        "KeyLength:u32=@key_length ProcessId:h64=0x0 ProcessName IpAddress IpPort ImpersonationLevel=%%1833 "
        "RestrictedAdminMode TargetOutboundUserName TargetOutboundDomainName VirtualAccount=%%1843 "
        "TargetLinkedLogonId:h64=0x0 ElevatedToken=%%1843",
    ),
    4625: (
        0,
        12544,
        "An account failed to log on.",
        _SUBJECT + "TargetUserSid:sid=S-1-0-0 TargetUserName TargetDomainName Status:h32=0xc000006d "
        "FailureReason=%%2313 SubStatus:h32=0xc000006a LogonType:u32=3 LogonProcessName AuthenticationPackageName "
        "WorkstationName TransmittedServices LmPackageName KeyLength:u32=0 ProcessId:h64=0x0 ProcessName IpAddress IpPort",
    ),
    4634: (0, 12545, "An account was logged off.", _TARGET + "TargetLogonId:h64=@target_logon LogonType:u32=3"),
    4648: (
        0,
        12544,
        "A logon was attempted using explicit credentials.",
        _SUBJECT + "LogonGuid:guid=@zero_guid TargetUserName TargetDomainName TargetLogonGuid:guid=@zero_guid "
        "TargetServerName TargetInfo ProcessId:h64=0x4 ProcessName= IpAddress IpPort",
    ),
    4672: (0, 12548, "Special privileges assigned to new logon.", _SUBJECT + "PrivilegeList=@privileges"),
    4688: (
        2,
        13312,
        "A new process has been created.",
        _SUBJECT + "NewProcessId:h64=0x0 NewProcessName TokenElevationType=%%1936 ProcessId:h64=0x0 CommandLine= "
        "TargetUserSid:sid=S-1-0-0 TargetUserName TargetDomainName TargetLogonId:h64=0x0 ParentProcessName= "
        "MandatoryLabel:sid=S-1-16-8192",
    ),
    4697: (
        0,
        12289,
        "A service was installed in the system.",
        _SUBJECT + "ServiceName ServiceFileName ServiceType:h32=0x10 ServiceStartType:u32=2 ServiceAccount=LocalSystem",
    ),
    4698: (0, 12804, "A scheduled task was created.", _SUBJECT + "TaskName TaskContent="),
    4702: (0, 12804, "A scheduled task was updated.", _SUBJECT + "TaskName TaskContentNew="),
    4776: (
        0,
        14336,
        "The computer attempted to validate the credentials for an account.",
        "PackageName=MICROSOFT_AUTHENTICATION_PACKAGE_V1_0 TargetUserName Workstation Status:h32=0x0",
    ),
    5140: (
        1,
        12808,
        "A network share object was accessed.",
        _SUBJECT + _NETWORK + "AccessMask:h32=0x1 AccessList=%%4416",
    ),
    5145: (
        0,
        12811,
        "A network share object was checked to see whether client can be granted desired access.",
        _SUBJECT + _NETWORK + "RelativeTargetName AccessMask:h32=0x100081 AccessList=%%4416 AccessReason",
    ),
    5156: (
        1,
        12810,
        "The Windows Filtering Platform has permitted a connection.",
        "ProcessID:u64=0 Application Direction=%%14593 SourceAddress SourcePort DestAddress DestPort Protocol:u32=6 "
        "FilterRTID:u64=0 LayerName=@layer LayerRTID:u64=@layer_id RemoteUserID:sid=S-1-0-0 RemoteMachineID:sid=S-1-0-0",
    ),
}


def fields(text: str) -> tuple[FieldKind, ...]:
    """The fields a specification text lists."""
    found = []
    for word in text.split():
        head, equals, default = word.partition("=")
        name, _, kind = head.partition(":")
        found.append(FieldKind(name, _TYPES[kind], default if equals else "-"))
    return tuple(found)


def _table() -> dict[tuple[str, int], Kind]:
    sysmon = "Microsoft-Windows-Sysmon/Operational"
    table = {
        (sysmon, event_id): Kind(fields(text), title + ":", version, task=event_id)
        for event_id, (version, title, text) in _SYSMON.items()
    }
    for event_id, (version, task, title, text) in _SECURITY.items():
        keywords = 0x8010000000000000 if event_id == 4625 else _LOGGED_ON
        table["Security", event_id] = Kind(fields(text), title, version, 0, task, keywords=keywords)
    table["Security", 1102] = Kind(
        fields(_SUBJECT),
        "The audit log was cleared.",
        task=104,
        keywords=0x4020000000000000,
        container="LogFileCleared",
    )
    state = fields("param1= param2=")
    table["System", 7036] = Kind(state, "A service changed its state.", keywords=_SCM, qualifiers=16384)
    service = fields("ServiceName ImagePath ServiceType StartType AccountName")
    table["System", 7045] = Kind(service, "A service was installed in the system.", keywords=_SCM, qualifiers=16384)
    for event_id, title in (
        (21, "Remote Desktop Services: Session logon succeeded:"),
        (23, "Remote Desktop Services: Session logoff succeeded:"),
        (24, "Remote Desktop Services: Session has been disconnected:"),
        (25, "Remote Desktop Services: Session reconnection succeeded:"),
    ):
        session = fields("User SessionID:u32=0" + (" Address" if event_id != 23 else ""))
        table[_TS + "LocalSessionManager/Operational", event_id] = Kind(
            session, title, keywords=0x1000000000000000, container="EventXML"
        )
    table[_TS + "RemoteConnectionManager/Operational", 1149] = Kind(
        fields("Param1= Param2= Param3="),
        "Remote Desktop Services: User authentication succeeded:",
        keywords=0x1000000000000000,
        container="EventXML",
    )
    table[_TS + "RDPClient/Operational", 1024] = Kind(
        fields("Name Value CustomLevel=Info"),
        "RDP ClientActiveX is trying to connect to the server.",
        task=101,
        opcode=10,
    )
    table["Microsoft-Windows-PowerShell/Operational", 4104] = Kind(
        fields("MessageNumber:i32=1 MessageTotal:i32=1 ScriptBlockText= ScriptBlockId=@block_id Path="),
        "Creating Scriptblock text:", 1, 5, 2, 15, 0,
    )  # fmt: skip
    table["Microsoft-Windows-DNS-Client/Operational", 3008] = Kind(
        fields("QueryName QueryType:u32=1 QueryOptions:u64=0 QueryStatus:u32=0 QueryResults="),
        "DNS query is completed.",
    )
    for event_id, text, title, name in (
        (200, "TaskName ActionName TaskInstanceId:guid=@zero_guid EnginePID:u32=0", "launched action", "ActionStart"),
        (
            201,
            "TaskName TaskInstanceId:guid=@zero_guid ActionName ResultCode:u32=0 EnginePID:u32=0",
            "successfully completed action",
            "ActionSuccess",
        ),
    ):
        table["Microsoft-Windows-TaskScheduler/Operational", event_id] = Kind(
            fields(text), f"Task Scheduler {title}.", task=event_id, opcode=event_id - 199, data_name=name
        )
    return table


KINDS: Mapping[tuple[str, int], Kind] = _table()
_CLASSIC = Kind(fields("Data"), keywords=0x80000000000000, qualifiers=0, container="Data")


def kind_of(channel: str, event_id: int, names: tuple[str, ...]) -> Kind:
    """The kind of an event with these field ``names``; one that is not in the table gets its fields as plain text."""
    if "Data" in names:
        return _CLASSIC
    known = KINDS.get((channel, event_id))
    if known is None:
        return Kind(tuple(FieldKind(name, ValueType.STRING, "-") for name in names))
    extra = tuple(
        FieldKind(name, ValueType.STRING, "-") for name in names if name not in {f.name for f in known.fields}
    )
    return replace(known, fields=known.fields + extra) if extra else known
