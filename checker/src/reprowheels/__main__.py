"""Run the command line as `python -m reprowheels`."""

import sys

from .cli import main

sys.exit(main())
