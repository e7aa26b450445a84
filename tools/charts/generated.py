"""The command line of the generators: write what is stale, or with --check only name it.

Run by itself it runs them all.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

CHARTS = Path(__file__).parents[2] / "charts"

Generator = Callable[[Path], Iterator[tuple[Path, str]]]


def stale(generate: Generator, charts: Path = CHARTS) -> list[tuple[Path, str]]:
    """The files that are missing or not what the generator would write."""
    return [(path, text) for path, text in generate(charts) if not same(path, text)]


def same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


def main(generate: Generator) -> int:
    """0: all current or written. 5: with --check, some are stale."""
    check = "--check" in sys.argv[1:]
    found = stale(generate)
    for path, text in found:
        print(f"{'stale' if check else 'wrote'} {path}", file=sys.stderr)
        if not check:
            path.write_text(text)
    if check and found:
        print(f"run {sys.argv[0]} without --check to write them", file=sys.stderr)
        return 5
    return 0


if __name__ == "__main__":
    from readmes import readmes
    from schemas import schemas

    sys.exit(max([main(schemas), main(readmes)]))
