"""The assistants API: what its functions share."""

import gc

# Until `edge` has made the handler: nothing that imports make is garbage. 9 % of the init's processor time.
gc.disable()
