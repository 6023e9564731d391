"""`python -m westlake.cli` is the same as `westlake`."""

from westlake.cli import main

main()
