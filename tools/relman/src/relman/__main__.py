"""`python -m relman` is the same as `relman`."""

from relman.cli.app import main

main()
