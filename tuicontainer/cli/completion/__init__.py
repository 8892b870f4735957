"""What shells are told of both commands: their words as data, and a script for each shell.

The tables that give parsing and `--help` give these too, so that none can be forgotten. Pure.
"""
