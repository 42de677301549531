"""How much a text tells records apart: a guess by which the best of several is chosen. Being wrong costs time only."""

from __future__ import annotations

import re

#: In the paths, command lines and system fields of any machine.
_EVERYWHERE = re.compile(
    r"(?<![a-z0-9])(?:start menu|event|data|name|time"
    r"|windows|system(?:32)?|syswow64|program files(?: \(x86\))?|programdata|users|public"
    r"|appdata|local|roaming|temp|software|classes|control|currentversion|environment|imagepath|microsoft|security|auditing"
    r"|services?|authority|drivers|sysmon|operational|admin|powershell|explorer|svchost|rundll32|wscript|cscript|wmiprvse|cmd"
    r"|http|hkey|hklm|hku|updat[a-z]*|setup|(?:un)?install[a-z]*|msi[a-z]*|create|delete|remove|stop|start|add|run|config"
    r"|client|server|agent|remote|support|(?:up|down)?load|file|process|network|product|command|schtasks"
    r"|register-scheduledtask|new-service|exe|dll|ps1|sc|reg|net|at|lnk|url|programs|startup)(?![a-z0-9])"
    r"|%%[0-9]+"
)


def rare_part(text: str) -> int:
    """How many characters are left of a text in lower case without what stands everywhere, and without white space around it."""
    return len(_EVERYWHERE.sub("", text).strip())
