"""`make dynamodb`, with its data in the folder that is named."""

import sys
from pathlib import Path

from local.stack.dynamodb_local import main

sys.exit(main(Path(sys.argv[1])))
