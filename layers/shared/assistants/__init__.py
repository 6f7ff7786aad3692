"""The assistants API: what its functions share."""

from assistants import startup

startup.begin()
