"""The one table of field names: what each spelling and each log calls a thing, and what Sigma calls it.

Sources: the ingest pipelines of Winlogbeat's Sysmon, Security and PowerShell modules and the same Elastic Agent data
streams (which ``winlog.event_data`` fields they move, and where to); Microsoft's event documentation; pySigma's
``windows-audit`` field mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

SYSMON = "microsoft-windows-sysmon"
SECURITY = "microsoft-windows-security-auditing"
POWERSHELL = "microsoft-windows-powershell"

LEVELS: Mapping[str, str] = {"critical": "1", "error": "2", "warning": "3", "information": "4", "verbose": "5"}

#: ``winlog.keywords`` words and ``winlog.outcome``: they stand for the whole mask of an audit event.
AUDIT_KEYWORDS: Mapping[str, str] = {
    "Audit Success": "0x8020000000000000",
    "Audit Failure": "0x8010000000000000",
    "success": "0x8020000000000000",
    "failure": "0x8010000000000000",
}

#: Mandatory labels (``S-1-16-...``) by Sysmon's word for them.
INTEGRITY: Mapping[str, str] = {
    "S-1-16-0": "Untrusted",
    "S-1-16-4096": "Low",
    "S-1-16-8192": "Medium",
    "S-1-16-12288": "High",
    "S-1-16-16384": "System",
}

#: Logon sessions that are the same on every machine, by the name Sysmon gives a process that runs in one.
SERVICE_LOGONS: Mapping[str, str] = {
    "0x3e7": r"NT AUTHORITY\SYSTEM",
    "0x3e5": r"NT AUTHORITY\LOCAL SERVICE",
    "0x3e4": r"NT AUTHORITY\NETWORK SERVICE",
}

#: Kernel names of registry hives, by the names Sysmon writes.
HIVES: Mapping[str, str] = {r"\REGISTRY\MACHINE": "HKLM", r"\REGISTRY\USER": "HKU"}

#: What NXLog writes of an event that is no field of the event. With ``AccountType`` come ``AccountName``, ``Domain`` and
#: ``UserID``, which describe the process that wrote the event, not who acted.
NXLOG_OWN = frozenset(
    "Channel Hostname EventID EventTime EventReceivedTime TimeCreated SourceName ProviderGuid Version Task Category Opcode "
    "OpcodeValue Keywords Level Severity SeverityValue EventTypeOrignal RecordNumber ActivityID RelatedActivityID "
    "ExecutionProcessID ThreadID SourceModuleName SourceModuleType Message MessageSourceAddress ERROR_EVT_UNRESOLVED "
    "UserData host port tags type @timestamp @version".split()
)
NXLOG_WRITER = frozenset({"AccountType", "AccountName", "Domain", "UserID"})
NXLOG_EVENT_TYPES = frozenset("AUDIT_SUCCESS AUDIT_FAILURE INFO WARNING ERROR CRITICAL VERBOSE DEBUG".split())

#: Events of which NXLog passes on the message text only: the fields its lines hold, in the order of the lines.
MESSAGE_LINES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("microsoft-windows-terminalservices-remoteconnectionmanager", "1149"): ("Param1", "Param2", "Param3"),
    ("microsoft-windows-terminalservices-localsessionmanager", "21"): ("User", "SessionID", "Address"),
    ("microsoft-windows-terminalservices-localsessionmanager", "22"): ("User", "SessionID", "Address"),
    ("microsoft-windows-terminalservices-localsessionmanager", "23"): ("User", "SessionID"),
    ("microsoft-windows-terminalservices-localsessionmanager", "24"): ("User", "SessionID", "Address"),
    ("microsoft-windows-terminalservices-localsessionmanager", "25"): ("User", "SessionID", "Address"),
}


class Twin(NamedTuple):
    """What an ECS field was that a pipeline moved: the event's field ``name``, which ``spell`` writes as the log did."""

    name: str
    spell: Callable[[Any], Any]


#: ``winlog.event_data`` fields that pipelines move into ECS: log, event ids (``*``: all without a line of their own for
#: that ECS field), ECS field, the field's name, and how it is spelt in the log where that differs.
_TWINS = """
sysmon      8                      process.entity_id                 SourceProcessGuid
sysmon      10                     process.entity_id                 SourceProcessGUID
sysmon      *                      process.entity_id                 ProcessGuid
sysmon      8,10                   process.pid                       SourceProcessId
sysmon      *                      process.pid                       ProcessId
sysmon      10                     process.thread.id                 SourceThreadId
sysmon      8,10                   process.executable                SourceImage
sysmon      20                     process.executable                Destination
sysmon      *                      process.executable                Image
sysmon      *                      process.command_line              CommandLine
sysmon      *                      process.working_directory         CurrentDirectory
sysmon      *                      process.parent.entity_id          ParentProcessGuid
sysmon      *                      process.parent.pid                ParentProcessId
sysmon      *                      process.parent.executable         ParentImage
sysmon      *                      process.parent.command_line       ParentCommandLine
sysmon      1                      process.pe.original_file_name     OriginalFileName
sysmon      1                      process.pe.company                Company
sysmon      1                      process.pe.description            Description
sysmon      1                      process.pe.file_version           FileVersion
sysmon      1                      process.pe.product                Product
sysmon      7                      file.pe.original_file_name        OriginalFileName
sysmon      7                      file.pe.company                   Company
sysmon      7                      file.pe.description               Description
sysmon      7                      file.pe.file_version              FileVersion
sysmon      7                      file.pe.product                   Product
sysmon      6,7                    file.path                         ImageLoaded
sysmon      6,7                    file.code_signature.subject_name  Signature
sysmon      6,7                    file.code_signature.status        SignatureStatus
sysmon      6,7                    file.code_signature.signed        Signed
sysmon      2,11,15,23,26,27,28,29 file.path                         TargetFilename
sysmon      9                      file.path                         Device
sysmon      17,18                  file.name                         PipeName
sysmon      3                      network.transport                 Protocol
sysmon      3                      network.direction                 Initiated            initiated
sysmon      3                      network.type                      DestinationIsIpv6    ipv6
sysmon      3                      source.ip                         SourceIp
sysmon      3                      source.domain                     SourceHostname
sysmon      3                      source.port                       SourcePort
sysmon      3                      destination.ip                    DestinationIp
sysmon      3                      destination.domain                DestinationHostname
sysmon      3                      destination.port                  DestinationPort
sysmon      22                     dns.question.name                 QueryName
sysmon      22                     sysmon.dns.status                 QueryStatus          dns_status
sysmon      12,13,14               registry.path                     TargetObject
sysmon      23,26                  sysmon.file.archived              Archived
sysmon      23,26                  sysmon.file.is_executable         IsExecutable
sysmon      *                      rule.name                         RuleName
security    4688                   process.executable                NewProcessName
security    4688                   process.parent.executable         ParentProcessName
security    4688                   process.command_line              CommandLine
security    4688                   process.pid                       NewProcessId         hexadecimal
security    4688                   process.parent.pid                ProcessId            hexadecimal
security    5156,5158              process.executable                Application
security    5156,5158              process.pid                       ProcessID
security    5156,5158              source.ip                         SourceAddress
security    5156,5158              source.port                       SourcePort
security    5156,5158              destination.ip                    DestAddress
security    5156,5158              destination.port                  DestPort
security    4778,4779              source.ip                         ClientAddress
security    4778,4779              source.domain                     ClientName
security    4624,4625              source.domain                     WorkstationName
security    4624,4625              user.name                         TargetUserName
security    4624,4625              user.domain                       TargetDomainName
security    4776                   source.domain                     Workstation
security    4697,4768,4769         service.name                      ServiceName
security    *                      process.executable                ProcessName
security    *                      process.pid                       ProcessId            hexadecimal
security    *                      source.ip                         IpAddress
security    *                      source.port                       IpPort
powershell  4104                   powershell.file.script_block_text ScriptBlockText
powershell  4104                   powershell.file.script_block_id   ScriptBlockId
powershell  4104                   powershell.sequence               MessageNumber
powershell  4104                   powershell.total                  MessageTotal
powershell  4104                   file.path                         Path
"""

_PLAIN_COLUMNS = 4
_LOGS = {SYSMON: "sysmon", SECURITY: "security", POWERSHELL: "powershell"}
#: Windows' numbers of the DNS answers worth knowing; the words of others are passed on as they are.
_DNS_STATUS = {"SUCCESS": "0", "DNS_ERROR_RCODE_NAME_ERROR": "9003", "DNS_INFO_NO_RECORDS": "9501"}


def _hexadecimal(raw: Any) -> Any:
    return hex(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


_SPELLINGS: Mapping[str, Callable[[Any], Any]] = {
    "": lambda raw: raw,
    "hexadecimal": _hexadecimal,
    "initiated": lambda raw: raw in ("egress", "outbound"),
    "ipv6": lambda raw: raw == "ipv6",
    "dns_status": lambda raw: _DNS_STATUS.get(raw, raw) if isinstance(raw, str) else raw,
}


def respelt_fields() -> frozenset[str]:
    """Names of the fields that some ECS field holds in another spelling than the log's."""
    lines = (line.split() for line in _TWINS.split("\n"))
    return frozenset(columns[3] for columns in lines if len(columns) > _PLAIN_COLUMNS)


@lru_cache(maxsize=1024)
def twins(provider: str, event_id: int) -> Mapping[str, Twin]:
    """The ECS fields that may hold fields of this event; ``provider`` in lower case."""
    log = _LOGS.get(provider)
    special: dict[str, Twin] = {}
    general: dict[str, Twin] = {}
    for line in _TWINS.split("\n"):
        columns = line.split()
        if not columns or columns[0] != log:
            continue
        _, ids, ecs, name, *how = columns
        twin = Twin(name, _SPELLINGS[how[0] if how else ""])
        if ids == "*":
            general[ecs] = twin
        elif str(event_id) in ids.split(","):
            special[ecs] = twin
    return general | special
