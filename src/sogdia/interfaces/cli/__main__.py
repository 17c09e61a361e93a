"""`python -m sogdia.interfaces.cli`, the same as `sogdia`."""

from sogdia.interfaces.cli import main

main()
