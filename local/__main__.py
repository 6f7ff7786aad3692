"""`python -m local` runs the stack."""

import sys

from local.stack.command import main

sys.exit(main())
