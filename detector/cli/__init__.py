"""The commands: arguments in, one use case, text and exit code out. A command's module is imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from detector import __version__

_COMMANDS = {
    "scan": ("detector.cli.scan", "Scan exported Windows logs for remote tools used to get at AI assets."),
    "show": ("detector.cli.show", "Show a report.json that an earlier scan wrote."),
    "rules": ("detector.cli.rules", "The Sigma rules that a scan matches."),
    "config": ("detector.cli.config", "Check assets.yml and policy.yml."),
    "tools": ("detector.cli.tools", "The remote-access and copy tools that are known."),
}


class _Lazy(click.Group):
    """A group that knows its commands' names and first lines without importing them: ``--help`` must be instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rmm-detector")
def cli() -> None:
    """Did anybody use a remote-access tool to get at our models?

    Point it at a folder of exported Windows logs: rmm-detector scan LOGS --assets assets.yml --policy policy.yml

    \b
    Exit codes: 0  nothing at or above --fail-on, and everything was read
                1  an incident at or above --fail-on (default: medium)
                2  the command line, a configuration file or a rule is wrong
                3  the run failed
                4  nothing found, but not everything could be read
    """
