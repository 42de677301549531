"""Uses of tools at Kestrel Bay: those that one clause covers, and the same with one key that differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from detector.model.rule import Action
from detector.triage.traits import Traits
from tests.company import CATALOGUE
from tests.making import T0, after

NIGHT = datetime(2025, 11, 18, 22, 0, tzinfo=UTC)  # 23:00 in Berlin
SATURDAY = datetime(2025, 11, 22, 10, 0, tzinfo=UTC)


def use(tool: str, action: Action | None, host: str, **shown: Any) -> Traits:
    return replace(Traits(host, T0, CATALOGUE.tools[tool], action), **shown)


DESK_PATH = "C:\\Program Files (x86)\\ScreenConnect Client (00aa11bb22cc33dd)\\ScreenConnect.ClientService.exe"
TENANT = {"instance": "00aa11bb22cc33dd", "relay": "support.kestrel.example:8041"}
SESSION = use("screenconnect", Action.SESSION, "KB-L001", tenant=TENANT, path=DESK_PATH, operator="ivy")
COPY = use(
    "rclone",
    Action.UPLOAD,
    "COPIER-1",
    time=NIGHT,
    user="KESTREL\\svc.copy",
    path="C:\\Program Files\\Kestrel\\rclone.exe",
    config="C:\\ProgramData\\Kestrel\\nightly.conf",
    remotes=("coldstore:",),
    sources=("\\\\weights-1\\runs\\today",),
    targets=("coldstore:runs",),
    commanded=True,
)
CELL_PATH = "C:\\Program Files (x86)\\AnyDesk-1234abcd\\AnyDesk-1234abcd.exe"
CELL = use("anydesk", Action.CONNECT, "CELL-3", tenant={"client": "1234abcd"}, path=CELL_PATH)
INSTALL = use(
    "anydesk",
    Action.INSTALL,
    "CELL-3",
    tenant={"client": "1234abcd"},
    path="C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe",
    installed_by="C:\\Program Files (x86)\\Microsoft Intune Management Extension\\AgentExecutor.exe",
    installed_from=("C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe",),
)
OPEN = use(
    "rclone", Action.DOWNLOAD, "KB-G012", user="ada", remotes=("opendata:",), sources=("opendata:x",), commanded=True
)
RESCUE = use("rescue", Action.SESSION, "KB-L002", path="C:\\Users\\x\\rescue.exe")
RELEASE = use("aws-cli", Action.UPLOAD, "COPIER-1", user="svc.release", destinations=("s3://kestrel-releases/v1/",))
SSH = use("openssh", Action.SESSION, "KB-G012", user="KESTREL\\ada", destinations=("node07.corp.kestrel.example:22",))
DEPLOY = use(
    "pdq-deploy",
    Action.COMMAND,
    "INFER-2",
    operator="svc.deploy",
    installed_from=("C:\\Windows\\AdminArsenal\\PDQDeployRunner\\1\\a",),
)

#: Uses that one clause covers, and what reaches an asset of them.
COVERED: dict[str, tuple[Traits, str | None, str]] = {
    "a session of the help desk": (SESSION, None, "sc-desk"),
    "another of its people": (replace(SESSION, operator="MAX"), None, "sc-desk"),
    "on a kiosk": (replace(SESSION, host="KIOSK-9"), None, "sc-desk"),
    "only the instance is shown": (replace(SESSION, tenant={"instance": "00AA11BB22CC33DD"}), None, "sc-desk"),
    "the agent at night": (replace(SESSION, action=Action.CONNECT, operator="", time=NIGHT), None, "sc-desk"),
    "the path of the kernel": (
        replace(SESSION, path=DESK_PATH.replace("C:", "\\device\\harddiskvolume3")),
        None,
        "sc-desk",
    ),
    "no path is shown": (replace(SESSION, path=""), None, "sc-desk"),
    "no action is known": (replace(SESSION, action=None, operator="ivy"), None, "sc-desk"),
    "the nightly copy": (COPY, "WEIGHTS-1", "rclone-nightly"),
    "by alias": (replace(COPY, sources=("//strongroom/runs/x",)), "WEIGHTS-1", "rclone-nightly"),
    "by address": (replace(COPY, sources=("\\\\192.0.2.40\\runs",)), "WEIGHTS-1", "rclone-nightly"),
    "by its long name": (
        replace(COPY, sources=("\\\\?\\UNC\\WEIGHTS-1.corp.kestrel.example\\Runs\\x",)),
        None,
        "rclone-nightly",
    ),
    "the exports": (replace(COPY, sources=("E:\\exports",)), None, "rclone-nightly"),
    "its connection": (
        replace(COPY, destinations=("objects.coldstore.example:443", "203.0.113.9:443")),
        None,
        "rclone-nightly",
    ),
    "an address nobody knows": (replace(COPY, destinations=("203.0.113.9:443",)), None, "rclone-nightly"),
    "a remote looked at": (replace(COPY, action=Action.CONNECT), None, "rclone-nightly"),
    "open data": (OPEN, None, "rclone-open"),
    "a cell": (CELL, None, "anydesk-cells"),
    "signed": (replace(CELL, signer="anydesk software gmbh"), None, "anydesk-cells"),
    "installed by Intune": (INSTALL, None, "anydesk-cells"),
    "a caller's alias": (replace(CELL, action=Action.SESSION, operator="ops@kestrel"), None, "anydesk-cells"),
    "with a ticket": (RESCUE, None, "rescue-ticket"),
    "to the last second": (replace(RESCUE, time=after(hours=4)), None, "rescue-ticket"),
    "a release": (RELEASE, "LAKE", "aws-release"),
    "its connection to wherever the bucket lies": (
        replace(RELEASE, destinations=("s3.example:443", "203.0.113.9:443")),
        None,
        "aws-release",
    ),
    "ssh to a node": (SSH, "node07", "ssh-ml"),
    "by the node's address": (replace(SSH, destinations=("192.0.2.130:22",)), "node (192.0.2.130)", "ssh-ml"),
    "a deployment on an asset": (DEPLOY, "INFER-2", "deploy-all"),
}

#: The same uses, each with one key that differs: the clause that is nearest, and what is said of it.
DIFFERENT: dict[str, tuple[Traits, str | None, str, str]] = {
    "another host": (replace(SESSION, host="SRV-1"), None, "sc-desk", "host SRV-1 is not covered"),
    "an excluded host": (replace(SESSION, host="HOP-1"), None, "sc-desk", "host HOP-1 is excluded"),
    "another instance": (
        replace(SESSION, tenant={"instance": "ffff11bb22cc33dd"}),
        None,
        "sc-desk",
        "instance is ffff11bb22cc33dd",
    ),
    "another relay": (
        replace(SESSION, tenant={**TENANT, "relay": "evil.example:443"}),
        None,
        "sc-desk",
        "relay is evil.example:443",
    ),
    "another port of the relay": (
        replace(SESSION, tenant={"relay": "support.kestrel.example:443"}),
        None,
        "sc-desk",
        "relay is support",
    ),
    "another path": (replace(SESSION, path="C:\\Temp\\a.exe"), None, "sc-desk", "path C:\\Temp\\a.exe is not covered"),
    "out of the path by ..": (
        replace(SESSION, path=DESK_PATH.replace("ScreenConnect.Cl", "..\\x\\ScreenConnect.Cl")),
        None,
        "sc-desk",
        "path",
    ),
    "a stranger": (replace(SESSION, operator="eve"), None, "sc-desk", "operator eve"),
    "a session at night": (replace(SESSION, time=NIGHT), None, "sc-desk", "Tue 23:00 is outside its session_hours"),
    "a session on Saturday": (
        replace(SESSION, time=SATURDAY),
        None,
        "sc-desk",
        "Sat 11:00 is outside its session_hours",
    ),
    "a tunnel": (replace(SESSION, action=Action.TUNNEL), None, "sc-desk", "action tunnel is not among its actions"),
    "a tunnel at night": (
        replace(SESSION, action=Action.TUNNEL, time=NIGHT),
        None,
        "sc-desk",
        "sc-desk would cover it, but for its actions: action tunnel is not among its actions",
    ),
    "on to an asset": (SESSION, "WEIGHTS-1", "sc-desk", "it reaches WEIGHTS-1 and the clause has no reach_ai"),
    "another user": (
        replace(COPY, user="KESTREL\\gale"),
        "WEIGHTS-1",
        "rclone-nightly",
        "user KESTREL\\gale is not covered",
    ),
    "a local user of that name": (
        replace(COPY, user="COPIER-1\\svc.copy"),
        None,
        "rclone-nightly",
        "user COPIER-1\\svc.copy",
    ),
    "another program": (replace(COPY, path="C:\\Temp\\rclone.exe"), None, "rclone-nightly", "path"),
    "another configuration": (
        replace(COPY, config="C:\\ProgramData\\Kestrel\\n.conf"),
        None,
        "rclone-nightly",
        "configuration is",
    ),
    "no configuration": (replace(COPY, config=""), None, "rclone-nightly", "the default configuration was used"),
    "another remote": (replace(COPY, remotes=("sx:",)), None, "rclone-nightly", "remote sx: is not covered"),
    "its remote, led elsewhere": (
        replace(COPY, remotes=("coldstore,endpoint=evil.example:",)),
        None,
        "rclone-nightly",
        "remote coldstore,endpoint",
    ),
    "a second remote": (
        replace(COPY, remotes=("coldstore:", "sx:")),
        None,
        "rclone-nightly",
        "remote sx: is not covered",
    ),
    "another share": (replace(COPY, sources=("\\\\weights-1\\models$",)), "WEIGHTS-1", "rclone-nightly", "source"),
    "a share that begins alike": (
        replace(COPY, sources=("\\\\weights-1\\runs2",)),
        "WEIGHTS-1",
        "rclone-nightly",
        "source",
    ),
    "another server": (replace(COPY, sources=("\\\\infer-2\\runs",)), "INFER-2", "rclone-nightly", "source"),
    "out of the folder by ..": (replace(COPY, sources=("E:\\exports\\..\\tune",)), None, "rclone-nightly", "source"),
    "another destination": (
        replace(COPY, destinations=("evil.example:443",)),
        None,
        "rclone-nightly",
        "destination evil.example:443",
    ),
    "another port of it": (
        replace(COPY, destinations=("objects.coldstore.example:22",)),
        None,
        "rclone-nightly",
        "destination",
    ),
    "an address at another port": (
        replace(COPY, destinations=("203.0.113.9:22",)),
        None,
        "rclone-nightly",
        "destination",
    ),
    "at noon": (replace(COPY, time=T0), None, "rclone-nightly", "Tue 10:00 is outside its hours"),
    "the other way": (replace(COPY, action=Action.DOWNLOAD), None, "rclone-nightly", "action download"),
    "open data, outwards": (replace(OPEN, action=Action.UPLOAD), None, "rclone-open", "action upload"),
    "another client": (replace(CELL, tenant={"client": "ffffabcd"}), None, "anydesk-cells", "client is ffffabcd"),
    "another signer": (replace(CELL, signer="Eve Ltd"), None, "anydesk-cells", "signer is Eve Ltd"),
    "files": (replace(CELL, action=Action.TRANSFER, operator="ops@kestrel"), None, "anydesk-cells", "action transfer"),
    "an alias elsewhere": (
        replace(CELL, action=Action.SESSION, operator="ops@kestrel2"),
        None,
        "anydesk-cells",
        "operator",
    ),
    "a number calls": (
        replace(CELL, action=Action.SESSION, operator="557310894"),
        None,
        "anydesk-cells",
        "operator 557310894",
    ),
    "installed by hand": (
        replace(INSTALL, installed_by="C:\\Windows\\explorer.exe"),
        None,
        "anydesk-cells",
        "installed by",
    ),
    "installed from elsewhere": (
        replace(INSTALL, path="D:\\AnyDesk-1234abcd.exe", installed_from=("D:\\AnyDesk-1234abcd.exe",)),
        None,
        "anydesk-cells",
        "from D:",
    ),
    "no ticket for the host": (
        replace(RESCUE, host="KB-L001"),
        None,
        "rescue-ticket",
        "no open ticket covers host and time",
    ),
    "a ticket of the past": (replace(RESCUE, time=after(hours=4, seconds=1)), None, "rescue-ticket", "no open ticket"),
    "another bucket": (
        replace(RELEASE, destinations=("s3://kestrel-releases2/x",)),
        None,
        "aws-release",
        "destination s3://kestrel-releases2/x",
    ),
    "ssh elsewhere": (
        replace(SSH, destinations=("192.0.2.40:22",)),
        "WEIGHTS-1",
        "ssh-ml",
        "destination 192.0.2.40:22",
    ),
    "ssh from elsewhere": (replace(SSH, host="KB-L001"), "node07", "ssh-ml", "host KB-L001"),
    "another deployer": (replace(DEPLOY, operator="eve"), "INFER-2", "deploy-all", "operator eve"),
}
