"""`python -m yanray`: the command line, where the script is not on the PATH."""

from yanray.cli import main

raise SystemExit(main())
