"""Terminals inside the application: the emulation of one, keys to bytes, recordings of it.

`parser` reads what a program writes and `screen` obeys it, both on pyte's; `styles`, `keys` and
`mouse` translate between the person's terminal and the program's; `session` connects all of it to
an engine's `TerminalSession`. Nothing here knows a widget (`widgets/terminal.py` draws it), and
nothing is imported before the first terminal is opened.

What a program writes is hostile input: it can't reach the person's terminal, clipboard or files.
"""
