"""Control groups that systemd makes, for hosts where it owns the tree.

A container becomes a transient scope: `units.py` names it, `properties.py`, `devices.py` and
`annotations.py` compute what systemd is told (all pure), `manager.py` tells it, `group.py` answers
`api.Cgroup` and writes through the plain driver what systemd has no property for. `dbus/` is the
client: bytes and messages without I/O, and a thin blocking connection. Nothing here is imported
unless a container is systemd's.
"""
