"""Talking to `criu`, the program that saves running processes and brings them back.

We start it as `criu swrk`, a service for one conversation: a request over a socket that it has as
descriptor 3, notifications meanwhile, a response. Holds no knowledge of containers' life cycles;
`runtime/checkpoint.py` and `runtime/restore.py` have that. Sources: criu(8) and criu's
images/rpc.proto.
"""
