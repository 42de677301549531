"""Sigma's ``logsource`` to the events it means: which log, which event ids.

Facts from the taxonomy appendix of the Sigma specification 2.1.0, with the channel names as Windows writes them.
``process_creation`` is served by Sysmon 1 and by Security 4688 alike. Channel and provider compare without case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from detector.model.rule import LogSource


class UnknownLogSourceError(ValueError):
    """No Windows log is known by these words. ``attribute`` and ``word`` are the ones not known, ``valid`` the others.

    ``word`` is empty where the words are known but do not go together.
    """

    def __init__(self, message: str, attribute: str = "", word: str = "", valid: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.attribute, self.word, self.valid = attribute, word, valid


@dataclass(frozen=True, slots=True)
class Log:
    """One event log. ``name`` is what reports call it; a channel or a provider (lower case) recognises its events."""

    name: str
    channels: tuple[str, ...]
    providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Events a rule looks at. ``log`` ``None``: of any log; no ``event_ids``: all of that log."""

    log: Log | None
    event_ids: frozenset[int] = frozenset()

    def ids_with(self, asked: frozenset[int] | None) -> frozenset[int] | None:
        """The event ids left when a rule asks for some (``None``: for any); ``None`` when all of the log are left."""
        if asked is None:
            return self.event_ids or None
        return self.event_ids & asked if self.event_ids else asked


def _log(name: str, *channels: str, providers: tuple[str, ...] = ()) -> Log:
    return Log(name, tuple(map(str.lower, channels)), tuple(map(str.lower, providers)))


def _operational(*components: str) -> tuple[str, ...]:
    return tuple(f"Microsoft-Windows-{component}/Operational" for component in components)


_SYSMON = _log("Sysmon", *_operational("Sysmon"), providers=("Microsoft-Windows-Sysmon",))
_SECURITY = _log("Security", "Security", providers=("Microsoft-Windows-Security-Auditing",))
_POWERSHELL = _log(
    "PowerShell",
    *_operational("PowerShell"),
    "PowerShellCore/Operational",
    providers=("Microsoft-Windows-PowerShell", "PowerShellCore"),
)
_CLASSIC = _log("Windows PowerShell", "Windows PowerShell", providers=("PowerShell",))
_KERNEL_FILE = _log(
    "Kernel-File", "Microsoft-Windows-Kernel-File/Analytic", providers=("Microsoft-Windows-Kernel-File",)
)
_APPLOCKER = ("EXE and DLL", "MSI and Script", "Packaged app-Deployment", "Packaged app-Execution")

_SERVICES = {
    "sysmon": _SYSMON,
    "security": _SECURITY,
    "powershell": _POWERSHELL,
    "powershell-classic": _CLASSIC,
    "application": _log("Application", "Application"),
    "system": _log("System", "System"),
    "windefend": _log("Defender", *_operational("Windows Defender"), providers=("Microsoft-Windows-Windows Defender",)),
} | {
    service: _log(service, *channels)
    for service, channels in {
        "application-experience": (
            "Microsoft-Windows-Application-Experience/Program-Telemetry",
            "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
        ),
        "applocker": tuple(f"Microsoft-Windows-AppLocker/{part}" for part in _APPLOCKER),
        "appmodel-runtime": ("Microsoft-Windows-AppModel-Runtime/Admin",),
        "appxdeployment-server": _operational("AppXDeploymentServer"),
        "appxpackaging-om": _operational("AppxPackaging"),
        "bitlocker": ("Microsoft-Windows-BitLocker/BitLocker Management",),
        "bits-client": _operational("Bits-Client"),
        "capi2": _operational("CAPI2"),
        "certificateservicesclient-lifecycle-system": _operational("CertificateServicesClient-Lifecycle-System"),
        "codeintegrity-operational": _operational("CodeIntegrity"),
        "dhcp": _operational("DHCP-Server"),
        "diagnosis-scripted": _operational("Diagnosis-Scripted"),
        "dns-client": _operational("DNS-Client", "DNS Client Events"),
        "dns-server": ("DNS Server",),
        "dns-server-analytic": ("Microsoft-Windows-DNS-Server/Analytical",),
        "dns-server-audit": ("Microsoft-Windows-DNS-Server/Audit", "Microsoft-Windows-DNSServer/Audit"),
        "driver-framework": _operational("DriverFrameworks-UserMode"),
        "firewall-as": ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",),
        "hyper-v-worker": ("Microsoft-Windows-Hyper-V-Worker", "Microsoft-Windows-Hyper-V-Worker-Admin"),
        "iis-configuration": ("Microsoft-IIS-Configuration/Operational",),
        "kernel-event-tracing": (
            "Microsoft-Windows-Kernel-EventTracing",
            "Microsoft-Windows-Kernel-EventTracing/Admin",
        ),
        "kernel-shimengine": (
            "Microsoft-Windows-Kernel-ShimEngine/Operational",
            "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
        ),
        "ldap": ("Microsoft-Windows-LDAP-Client/Debug",),
        "lsa-server": _operational("LSA"),
        "msexchange-management": ("MSExchange Management",),
        "ntfs": _operational("Ntfs"),
        "ntlm": _operational("NTLM"),
        "openssh": ("OpenSSH/Operational",),
        "printservice-admin": ("Microsoft-Windows-PrintService/Admin",),
        "printservice-operational": _operational("PrintService"),
        "security-mitigations": (
            "Microsoft-Windows-Security-Mitigations/Kernel Mode",
            "Microsoft-Windows-Security-Mitigations/User Mode",
        ),
        "sense": _operational("SENSE"),
        "servicebus-client": ("Microsoft-ServiceBus-Client/Operational", "Microsoft-ServiceBus-Client/Admin"),
        "shell-core": _operational("Shell-Core"),
        "smbclient-connectivity": ("Microsoft-Windows-SmbClient/Connectivity",),
        "smbclient-security": ("Microsoft-Windows-SmbClient/Security",),
        "smbserver-connectivity": ("Microsoft-Windows-SMBServer/Connectivity",),
        "smbserver-security": ("Microsoft-Windows-SMBServer/Security",),
        "taskscheduler": _operational("TaskScheduler"),
        "terminalservices-localsessionmanager": _operational("TerminalServices-LocalSessionManager"),
        "terminalservices-rdpclient": _operational("TerminalServices-RDPClient"),
        "terminalservices-remoteconnectionmanager": _operational("TerminalServices-RemoteConnectionManager"),
        "remotedesktopservices-rdpcorets": _operational("RemoteDesktopServices-RdpCoreTS"),
        "vhdmp": _operational("VHDMP"),
        "winrm": _operational("WinRM"),
        "wmi": _operational("WMI-Activity"),
    }.items()
}
#: Service to log: the names of the taxonomy, and more that rules here or elsewhere use (two are older spellings).
SERVICES = MappingProxyType(
    _SERVICES | {"ldap_debug": _SERVICES["ldap"], "microsoft-servicebus-client": _SERVICES["servicebus-client"]}
)


def _sysmon(*event_ids: int) -> tuple[Source, ...]:
    return (Source(_SYSMON, frozenset(event_ids)),)


CATEGORIES = MappingProxyType(
    {
        "process_creation": (*_sysmon(1), Source(_SECURITY, frozenset({4688}))),
        "file_change": _sysmon(2),
        "network_connection": _sysmon(3),
        "sysmon_status": _sysmon(4, 16),
        "process_termination": _sysmon(5),
        "driver_load": _sysmon(6),
        "image_load": _sysmon(7),
        "create_remote_thread": _sysmon(8),
        "raw_access_thread": _sysmon(9),
        "process_access": _sysmon(10),
        "file_event": _sysmon(11),
        "registry_event": _sysmon(12, 13, 14),
        "registry_add": _sysmon(12),
        "registry_delete": _sysmon(12),
        "registry_set": _sysmon(13),
        "registry_rename": _sysmon(14),
        "create_stream_hash": _sysmon(15),
        "pipe_created": _sysmon(17, 18),
        "wmi_event": _sysmon(19, 20, 21),
        "dns_query": _sysmon(22),
        "file_delete": _sysmon(23, 26),
        "clipboard_capture": _sysmon(24),
        "process_tampering": _sysmon(25),
        "file_delete_detected": _sysmon(26),
        "file_block_executable": _sysmon(27),
        "file_block_shredding": _sysmon(28),
        "file_executable_detected": _sysmon(29),
        "sysmon_error": _sysmon(255),
        "ps_module": (Source(_POWERSHELL, frozenset({4103})),),
        "ps_script": (Source(_POWERSHELL, frozenset({4104})),),
        "ps_classic_start": (Source(_CLASSIC, frozenset({400})),),
        "ps_classic_provider_start": (Source(_CLASSIC, frozenset({600})),),
        "ps_classic_script": (Source(_CLASSIC, frozenset({800})),),
        "file_access": (Source(_KERNEL_FILE),),
        "file_rename": (Source(_KERNEL_FILE),),
    }
)


@lru_cache
def sources(logsource: LogSource) -> tuple[Source, ...]:
    """The events a rule of this logsource looks at. Raises :class:`UnknownLogSourceError`."""
    category, product, service = logsource.category, logsource.product, logsource.service
    if product not in ("", "windows"):
        raise UnknownLogSourceError(f"logsource product {product!r}: only Windows logs are judged", "product")
    if not (category or product or service):
        raise UnknownLogSourceError("logsource names neither category, product nor service")
    if service and service not in SERVICES:
        raise UnknownLogSourceError(f"unknown logsource service {service!r}", "service", service, tuple(SERVICES))
    if category and category not in CATEGORIES:
        raise UnknownLogSourceError(f"unknown logsource category {category!r}", "category", category, tuple(CATEGORIES))
    if not category:
        return (Source(SERVICES[service]),) if service else (Source(None),)
    found = tuple(source for source in CATEGORIES[category] if not service or source.log == SERVICES[service])
    if not found:
        raise UnknownLogSourceError(f"logsource category {category!r} is not in service {service!r}", "service")
    return found


def _by_name() -> tuple[dict[str, list[Log]], dict[str, list[Log]]]:
    channels: dict[str, list[Log]] = {}
    providers: dict[str, list[Log]] = {}
    for log in dict.fromkeys((*SERVICES.values(), _KERNEL_FILE)):
        for channel in log.channels:
            channels.setdefault(channel, []).append(log)
        for provider in log.providers:
            providers.setdefault(provider, []).append(log)
    return channels, providers


_BY_CHANNEL, _BY_PROVIDER = _by_name()


def logs_of(provider: str, channel: str) -> tuple[Log, ...]:
    """The logs an event of this provider and channel belongs to: by its channel, else by its provider."""
    found = _BY_CHANNEL.get(channel.lower(), []) + _BY_PROVIDER.get(provider.lower(), [])
    return tuple(dict.fromkeys(found))
