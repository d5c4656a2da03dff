"""Lets `python -m partnerstadt` do what `partnerstadt` does."""

import sys

from partnerstadt.cli import main

sys.exit(main())
