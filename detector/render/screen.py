"""A console, and the one way log text gets to it.

Everything printed is a rich ``Text`` made by :meth:`Screen.text`: what could steer a terminal is made visible there, and
neither markup nor emoji codes nor links in it mean anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from detector.render.plain import shown, within

#: No single value takes more of the screen than this many cells, however wide it is.
_LONGEST = 400


class Screen:
    """Lines, headings and tables of texts."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.ellipsis = within("…", console.encoding)

    def text(self, text: str, style: str = "") -> Text:
        """A text made harmless, whole but for the over-long."""
        return Text(self.cut(text, _LONGEST), style)

    def cut(self, text: str, width: int) -> str:
        """A text made harmless on at most ``width`` cells, its middle left out: both ends of a command line tell."""
        plain = within(shown(text), self.console.encoding)
        if cell_len(plain) <= width:
            return plain
        room = max(width - cell_len(self.ellipsis), 2)
        tail = room // 3
        head, rest = plain[: room - tail], plain[len(plain) - tail :]
        while cell_len(head) > room - tail:
            head = head[:-1]
        while cell_len(rest) > tail:
            rest = rest[1:]
        return head + self.ellipsis + rest

    def line(self, *parts: Text | str, indent: int = 0) -> None:
        """One line, wrapped where it must be; wrapped parts keep the indent."""
        texts = [self.text(part) if isinstance(part, str) else part for part in parts]
        self._print(Text.assemble(*texts), indent)

    def gap(self) -> None:
        """An empty line."""
        self.console.print(Text(""))

    def rule(self) -> None:
        """A line across the screen."""
        self.console.print(Text(within("─" * self.console.width, self.console.encoding), "dim"))

    def heading(self, text: str, rest: str = "") -> None:
        """The title of a part."""
        self.gap()
        self.line(self.text(text, "bold"), self.text(f": {rest}", "dim") if rest else "")

    def table(self, rows: Iterable[Sequence[Text]], indent: int = 0) -> None:
        """Columns without lines; the last one takes the room that is left."""
        rows = [list(row) for row in rows]
        if not rows:
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        share = max(self.console.width // 3, 8)
        for number in range(len(rows[0]) - 1):
            longest = max(row[number].cell_len for row in rows)
            grid.add_column(overflow="fold", width=min(longest, share))
        grid.add_column(overflow="fold")
        for row in rows:
            grid.add_row(*row)
        self._print(grid, indent)

    def _print(self, renderable: RenderableType, indent: int) -> None:
        """Print without the blanks at the end of lines that rich fills up with: a report is pasted into tickets."""
        padded = Padding(renderable, (0, 0, 0, indent), expand=False)
        for line in self.console.render_lines(padded, pad=False):
            while line and not line[-1].text.strip():
                line.pop()
            if line:
                line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
            self.console.print(Segments([*line, Segment.line()]), end="")
