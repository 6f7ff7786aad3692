"""The assistants API: what its functions share."""

import gc

gc.disable()  # until `edge` has made the handler: nothing that an import makes is garbage
