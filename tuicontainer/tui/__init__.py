"""The terminal UI: it asks the engine and draws what streams back.

The only room that imports textual.
"""
