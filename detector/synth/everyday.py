"""What ordinary Windows machines do all day, as data: programs, files, names, services, tasks, script blocks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """A program as Sysmon describes it. A ``personal`` one runs for the person at the screen, others as SYSTEM."""

    image: str
    command: str
    description: str
    product: str
    original: str
    version: str
    personal: bool


_WINDOWS = "Microsoft® Windows® Operating System"
_BUILD = "10.0.22621.4111 (WinBuild.160101.0800)"
_OFFICE = r"C:\Program Files\Microsoft Office\root\Office16"
_EDGE = r"C:\Program Files (x86)\Microsoft\Edge\Application"


def _system(name: str, arguments: str, description: str, original: str) -> Program:
    image = rf"C:\Windows\System32\{name}"
    return Program(image, f"{image}{arguments}", description, _WINDOWS, original, _BUILD, False)


def _own(image: str, arguments: str, description: str, product: str, original: str, version: str) -> Program:
    return Program(image, f'"{image}"{arguments}', description, product, original, version, True)


PROGRAMS = (
    _system("svchost.exe", " -k netsvcs -p -s wuauserv", "Host Process for Windows Services", "svchost.exe"),
    _system("svchost.exe", " -k LocalService -p -s nsi", "Host Process for Windows Services", "svchost.exe"),
    _system("svchost.exe", " -k wsappx -p -s AppXSvc", "Host Process for Windows Services", "svchost.exe"),
    _system("MoUsoCoreWorker.exe", " -Embedding", "MoUSO Core Worker Process", "MoUSOCoreWorker.exe"),
    _system("taskhostw.exe", " -RegisterDevice", "Host Process for Windows Tasks", "taskhostw.exe"),
    _system("SearchProtocolHost.exe", " Global\\UsGthrFltPipeMssGthrPipe", "Windows Search Protocol Host", "-"),
    _system("wbem\\WmiPrvSE.exe", " -secured -Embedding", "WMI Provider Host", "Wmiprvse.exe"),
    _system("spoolsv.exe", "", "Spooler SubSystem App", "spoolsv.exe"),
    _system("sppsvc.exe", "", "Microsoft Software Protection Platform Service", "sppsvc.exe"),
    _own(rf"{_EDGE}\msedge.exe", " --type=utility", "Microsoft Edge", "Microsoft Edge", "msedge.exe", "129.0.2792.79"),
    _own(rf"{_OFFICE}\OUTLOOK.EXE", "", "Microsoft Outlook", "Microsoft Outlook", "Outlook.exe", "16.0.17928.20216"),
    _own(rf"{_OFFICE}\WINWORD.EXE", " /n", "Microsoft Word", "Microsoft Office", "WinWord.exe", "16.0.17928.20216"),
    _own(rf"{_OFFICE}\EXCEL.EXE", "", "Microsoft Excel", "Microsoft Office", "Excel.exe", "16.0.17928.20216"),
    _own(r"C:\Windows\System32\notepad.exe", "", "Notepad", _WINDOWS, "NOTEPAD.EXE", _BUILD),
    _own(
        r"C:\Windows\System32\RuntimeBroker.exe", " -Embedding", "Runtime Broker", _WINDOWS, "RuntimeBroker.exe", _BUILD
    ),
)

FILES = (
    r"C:\Windows\SoftwareDistribution\Download\{number}\BITE0A1.tmp",
    r"C:\Windows\Temp\MpSigStub-{number}.log",
    r"C:\Windows\Prefetch\TASKHOSTW.EXE-{number}.pf",
    r"C:\ProgramData\Microsoft\Windows Defender\Scans\mpcache-{number}.db",
    r"C:\Windows\System32\LogFiles\WMI\session-{number}.etl",
)

NAMES = (
    "cdn.newsdesk.example",
    "mail.postkeeper.example",
    "static.weathervane.example",
    "telemetry.oswatch.example",
    "updates.printworks.example",
    "calendar.postkeeper.example",
    "time.clockhouse.example",
)

SERVICES = (
    "Windows Update",
    "Background Intelligent Transfer Service",
    "Windows Modules Installer",
    "Print Spooler",
    "Software Protection",
    "AppX Deployment Service (AppXSVC)",
    "Windows Defender Antivirus Network Inspection Service",
    "Network List Service",
)

TASKS = (
    (r"\Microsoft\Windows\Defrag\ScheduledDefrag", r"%windir%\system32\defrag.exe"),
    (r"\Microsoft\Windows\Time Synchronization\SynchronizeTime", r"%windir%\system32\sc.exe"),
    (r"\Microsoft\Windows\UpdateOrchestrator\Schedule Scan", r"%systemroot%\system32\usoclient.exe"),
)

BLOCKS = (
    "prompt",
    "{ Set-StrictMode -Version 1; $_.ErrorCategory_Message }",
    "# Module manifest for module 'PSDiagnostics'\r\n@{ ModuleVersion = '1.0.0.0'; PowerShellVersion = '5.1' }",
    "function Get-PrintQueue { param([string]$Name) Get-Printer -Name $Name | Select-Object Name, PrinterStatus }",
)
