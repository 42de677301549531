"""``python -m detector.synth``: render a scenario, or make the samples again. ``docs/scenarios.md`` has every option."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from detector.errors import DetectorError
from detector.synth.rendering import Options, render
from detector.synth.samples import check_samples, write_samples
from detector.synth.scenario import RENDERINGS, load_scenario


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 1 samples differ, 2 usage or scenario error, 3 failed."""
    chosen = parser().parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except DetectorError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (OSError, ValueError) as error:
        print(f"cannot render: {error}", file=sys.stderr)
        return 3
    return code


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(prog="python -m detector.synth", description=__doc__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("render", help="render scenarios into evidence files")
    one.add_argument("scenario", nargs="+", type=Path, metavar="SCENARIO", help="scenario YAML files")
    one.add_argument("--format", choices=RENDERINGS, help="log format (default: the scenario's `rendering`)")
    one.add_argument("--out", type=Path, required=True, help="folder to write into; several scenarios: one folder each")
    one.add_argument("--background", type=int, default=0, metavar="N", help="ordinary events to mix in (default 0)")
    one.add_argument("--seed", type=int, default=0, help="draws background and duplicates (default 0)")
    one.add_argument("--shuffle", type=int, metavar="SEED", help="put records and files into another order")
    one.add_argument("--duplicate", type=float, default=0.0, metavar="FRACTION", help="share of events written twice")
    one.add_argument("--split", type=int, default=1, metavar="N", help="write each file as N files")
    one.add_argument("--only-before", metavar="EVENT_ID", help="stop after this event of the scenario")
    one.add_argument("--no-tool-logs", action="store_true", help="leave out the tools' own log files")
    one.add_argument("--ecs-fields", action="store_true", help="ecs, es: add ECS fields beside the raw ones")
    one.set_defaults(run=_render)
    samples = commands.add_parser("samples", help="render samples/ again from samples/scenarios, with its manifest")
    samples.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")
    samples.add_argument("--folder", type=Path, default=Path("samples"), help="the samples folder (default samples)")
    samples.set_defaults(run=_samples)
    return whole


def _render(chosen: argparse.Namespace) -> int:
    options = Options(
        background=chosen.background,
        seed=chosen.seed,
        shuffle=chosen.shuffle,
        duplicate=chosen.duplicate,
        split=chosen.split,
        only_before=chosen.only_before,
        tool_logs=not chosen.no_tool_logs,
        ecs=chosen.ecs_fields,
    )
    for path in chosen.scenario:
        scenario = load_scenario(path)
        out = chosen.out / scenario.id if len(chosen.scenario) > 1 else chosen.out
        for written in render(scenario, chosen.format or scenario.rendering, out, options=options):
            print(written)
    return 0


def _samples(chosen: argparse.Namespace) -> int:
    if not chosen.check:
        print(f"{chosen.folder}: {write_samples(chosen.folder)} files")
        return 0
    differences = check_samples(chosen.folder)
    for difference in differences:
        print(difference, file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
