"""How much a text tells records apart: a guess by which the best of several is chosen. Being wrong costs time only."""

from __future__ import annotations

import re

#: In the paths, command lines and system fields of any machine, and in what people write about files.
_EVERYWHERE = re.compile(
    r"(?<![a-z0-9])(?:start menu|event|data|name|time"
    r"|windows|system(?:32)?|syswow64|program files(?: \(x86\))?|programdata|users|public"
    r"|appdata|local|roaming|temp|software|classes|control|currentversion|environment|imagepath|microsoft|security|auditing"
    r"|services?|authority|drivers|sysmon|operational|admin|powershell|explorer|svchost|rundll32|wscript|cscript|wmiprvse|cmd"
    r"|https?|hkey|hklm|hku|updat[a-z]*|setup|(?:un)?install[a-z]*|msi[a-z]*|create|delete|remove|stop|start|add|run|config"
    r"|client|server|agent|remote|support|(?:up|down)?load|file|process|network|product|command|schtasks"
    r"|register-scheduledtask|new-service|exe|dll|ps1|sc|reg|net|at|lnk|url|programs|startup|manager|defender"
    r"|copy|move|init|backup|sync|size|mount|list|ls|open|close|read|write|get|set|new|send|user|group|host|path|type)"
    r"(?![a-z0-9])"
    r"|%%[0-9]+"
)
_MARKS = re.compile(r"[^a-z0-9\s]+")


def rare_part(text: str) -> int:
    """How many letters are left of a text in lower case without words that stand everywhere; marks in a row count as one."""
    left = _MARKS.sub("-", _EVERYWHERE.sub("", text))
    return len(left) - sum(map(str.isspace, left))
