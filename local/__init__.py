"""The stack on a developer's machine, without Docker or AWS: `python -m local`."""
