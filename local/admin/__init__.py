"""A command line for operators, around AdminFunction."""
