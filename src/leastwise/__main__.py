"""`python -m leastwise`."""

from leastwise.cli.main import main

main()
