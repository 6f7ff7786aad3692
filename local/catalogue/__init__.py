"""Writes what the catalogue knows of language models: `make catalogue`."""
