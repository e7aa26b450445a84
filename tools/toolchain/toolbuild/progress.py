"""Progress of one tool on stderr: a live line on a terminal, one line for each step elsewhere."""

import shutil
import sys
import time

FRAMES = "|/-\\"
REPORT_EVERY = 60.0


class Progress:
    """One tool's progress, from its first step to done()."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._step = ""
        self._start = self._spoken = time.monotonic()
        self._terminal = sys.stderr.isatty()

    @property
    def seconds(self) -> int:
        return round(time.monotonic() - self._start)

    def step(self, text: str) -> None:
        """A new step begins."""
        self._step = text
        if self._terminal:
            self.tick("")
        else:
            self._say(text)

    def tick(self, detail: str) -> None:
        """Still at it; DETAIL is the last thing that the step said. Call it often."""
        if self._terminal:
            self._draw(f"{self._step}, {self.seconds} s  {detail}")
        elif time.monotonic() - self._spoken > REPORT_EVERY:
            # Some CI systems end a job that is silent for minutes.
            self._say(f"still {self._step}, {self.seconds} s")

    def done(self, text: str) -> None:
        """The last line, which stays."""
        self.clear()
        self._say(text)

    def clear(self) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, text: str) -> None:
        frame = FRAMES[int(time.monotonic() * 8) % len(FRAMES)]
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + f"{frame} {self._label}: {text}"[:width])
        sys.stderr.flush()

    def _say(self, text: str) -> None:
        self._spoken = time.monotonic()
        print(f"{self._label}: {text}", file=sys.stderr, flush=True)
