"""As much of D-Bus as talking to systemd takes: a blocking client without dependencies.

`wire.py` and `message.py` turn values into bytes and back without I/O; `addresses.py` says where a
bus listens; `connection.py` connects, calls and waits. A client library would cost more at start-up
than the whole conversation. Source: D-Bus Specification 0.43.
"""
