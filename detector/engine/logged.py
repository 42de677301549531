"""What Windows logs: the events rules look at, and the fields each has, with the names the taxonomy adds.

From Sysmon's schema (15.x) and Microsoft's documentation of the audit events; service, installer and remote desktop events as
recorded. An event that is not here may have any field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Logged(NamedTuple):
    """A kind of event: the log as reports call it (:mod:`detector.engine.logsource`), its channel and provider, its fields.

    ``event_id`` ``None``: any of that log; ``fields`` ``None``: any.
    """

    log: str
    channel: str
    provider: str
    event_id: int | None
    fields: frozenset[str] | None


_OF_EVERY_EVENT = frozenset(
    "EventID Channel Provider_Name Computer ComputerName Level Task Opcode Keywords UtcTime".split()
)
_PROCESS = "RuleName UtcTime ProcessGuid ProcessId Image User "
_FILE = _PROCESS + "TargetFilename Hashes IsExecutable Archived "
_REGISTRY = _PROCESS + "EventType TargetObject "
_SYSMON = {
    1: _PROCESS
    + "FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory LogonGuid LogonId "
    "TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser",
    2: _PROCESS + "TargetFilename CreationUtcTime PreviousCreationUtcTime",
    3: _PROCESS + "Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 "
    "DestinationIp DestinationHostname DestinationPort DestinationPortName",
    5: _PROCESS,
    6: "RuleName UtcTime ImageLoaded Hashes Signed Signature SignatureStatus",
    7: _PROCESS
    + "ImageLoaded FileVersion Description Product Company OriginalFileName Hashes Signed Signature SignatureStatus",
    8: "RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage "
    "NewThreadId StartAddress StartModule StartFunction SourceUser TargetUser",
    10: "RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId "
    "TargetImage GrantedAccess CallTrace SourceUser TargetUser",
    11: _PROCESS + "TargetFilename CreationUtcTime",
    12: _REGISTRY,
    13: _REGISTRY + "Details",
    14: _REGISTRY + "NewName",
    15: _PROCESS + "TargetFilename CreationUtcTime Hash Contents",
    17: _PROCESS + "EventType PipeName",
    18: _PROCESS + "EventType PipeName",
    22: _PROCESS + "QueryName QueryStatus QueryResults",
    23: _FILE,
    25: _PROCESS + "Type",
    26: _FILE,
    27: _FILE,
    29: _FILE,
}
_SUBJECT = "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId "
_TARGET = "TargetUserSid TargetUserName TargetDomainName TargetLogonId "
_SHARE = _SUBJECT + "ObjectType IpAddress IpPort ShareName ShareLocalPath AccessMask AccessList "
_LOGON = (
    "LogonProcessName AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength "
)
_ACCOUNT = _SUBJECT + _TARGET + "TargetSid PrivilegeList SamAccountName DisplayName MemberName MemberSid "
_SECURITY = {
    4616: _SUBJECT + "PreviousTime NewTime ProcessId ProcessName",
    4624: _SUBJECT + _TARGET + _LOGON + "LogonType ProcessId ProcessName IpAddress IpPort ImpersonationLevel "
    "RestrictedAdminMode TargetOutboundUserName TargetOutboundDomainName VirtualAccount TargetLinkedLogonId ElevatedToken",
    4625: _SUBJECT
    + _TARGET
    + _LOGON
    + "Status FailureReason SubStatus LogonType ProcessId ProcessName IpAddress IpPort",
    4634: _TARGET + "LogonType",
    4648: _SUBJECT
    + _TARGET
    + "LogonGuid TargetLogonGuid TargetServerName TargetInfo ProcessId ProcessName IpAddress IpPort",
    4657: _SUBJECT
    + "ObjectName ObjectValueName HandleId OperationType OldValueType OldValue NewValueType NewValue ProcessId "
    "ProcessName Image TargetObject Details",
    4663: _SUBJECT
    + "ObjectServer ObjectType ObjectName HandleId AccessList AccessMask ProcessId ProcessName ResourceAttributes",
    4672: _SUBJECT + "PrivilegeList",
    4688: _SUBJECT + _TARGET + "NewProcessId NewProcessName TokenElevationType ProcessId CommandLine ParentProcessName "
    "MandatoryLabel Image ParentImage User IntegrityLevel",
    4697: _SUBJECT + "ServiceName ServiceFileName ServiceType ServiceStartType ServiceAccount ClientProcessStartKey "
    "ClientProcessId ParentProcessId",
    4698: _SUBJECT + "TaskName TaskContent",
    4699: _SUBJECT + "TaskName TaskContent",
    4702: _SUBJECT + "TaskName TaskContentNew",
    4719: _SUBJECT + "CategoryId SubcategoryId SubcategoryGuid AuditPolicyChanges",
    4720: _ACCOUNT,
    4722: _ACCOUNT,
    4728: _ACCOUNT,
    4732: _ACCOUNT,
    4738: _ACCOUNT,
    4756: _ACCOUNT,
    4776: "PackageName TargetUserName Workstation Status",
    4778: "AccountName AccountDomain LogonID SessionName ClientName ClientAddress",
    4779: "AccountName AccountDomain LogonID SessionName ClientName ClientAddress",
    5140: _SHARE,
    5145: _SHARE + "RelativeTargetName AccessReason",
    5156: "ProcessID Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID "
    "RemoteUserID RemoteMachineID",
}
_SYSTEM = {
    7036: "param1 param2 Data Binary",
    7040: "param1 param2 param3 param4 Data",
    7045: "ServiceName ImagePath ServiceType StartType AccountName",
}
_TS = "Microsoft-Windows-TerminalServices-"
_OTHERS: dict[tuple[str, str, str], dict[int, str]] = {
    ("Security", "Security", "Microsoft-Windows-Eventlog"): {1102: _SUBJECT},
    ("System", "System", "Microsoft-Windows-Eventlog"): {104: "SubjectUserName SubjectDomainName Channel BackupPath"},
    ("Application", "Application", "MsiInstaller"): dict.fromkeys(
        (1033, 1034, 1035, 1040, 1042, 11707, 11708, 11724, 11725), "Data Binary " + " ".join(f"param{n}" for n in range(1, 10))
    ),
    ("terminalservices-localsessionmanager", _TS + "LocalSessionManager/Operational", _TS + "LocalSessionManager"): dict.fromkeys(
        (21, 22, 23, 24, 25), "User SessionID Address"
    ),
    ("terminalservices-remoteconnectionmanager", _TS + "RemoteConnectionManager/Operational", _TS + "RemoteConnectionManager"): {
        1149: "Param1 Param2 Param3"
    },
    ("dns-client", "Microsoft-Windows-DNS-Client/Operational", "Microsoft-Windows-DNS-Client"): dict.fromkeys(
        (3006, 3008, 3020), "QueryName QueryType QueryOptions QueryStatus QueryResults ServerList IsNetworkQuery "
        "NetworkQueryIndex InterfaceIndex IsAsyncQuery NetworkIndex InterfaceCount AdapterName LocalAddress DNSServerAddress"
    ),
}  # fmt: skip


def _table() -> Iterator[Logged]:
    known = {
        ("Sysmon", "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"): _SYSMON,
        ("Security", "Security", "Microsoft-Windows-Security-Auditing"): _SECURITY,
        ("System", "System", "Service Control Manager"): _SYSTEM,
    } | _OTHERS
    for (log, channel, provider), kinds in known.items():
        for event_id, fields in kinds.items():
            yield Logged(log, channel, provider, event_id, _OF_EVERY_EVENT.union(fields.split()))
    yield Logged("Application", "Application", "", None, None)


#: The kinds that are known field by field, and the Application log, in which any program may say anything.
LOGGED: tuple[Logged, ...] = tuple(_table())
