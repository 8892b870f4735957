"""Spawner, monitors, logs, journal, and the wire that doors reach them by.

The processes here are synchronous and single-threaded, because they fork.
"""
