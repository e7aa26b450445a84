#!/usr/bin/env python3
"""Builds and finds the tools of tools.toml; needs Python 3.11 and nothing else. See README.md."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the system's Python may be older
    sys.exit("toolchain: needs Python 3.11 or newer")

from toolbuild.cli import main

if __name__ == "__main__":
    sys.exit(main())
