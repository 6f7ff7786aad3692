"""The assistants API: what its functions share."""

from assistants_api import cold_start

cold_start.begin()
