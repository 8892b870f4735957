"""What the kernel says of a container's processes: read from /proc, compared with nothing asked.

Doors show it beside what the configuration asked for. Nothing here changes anything.
"""
