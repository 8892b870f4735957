"""System calls by ctypes: one thin function a call — encode, call, check; nothing else.

The only room that imports ctypes, or rather its C half (`native`). A file groups the calls of one
subject (`mount`, `process`, `namespaces`, …) with the kernel constants they take, named as the
kernel names them. No policy, no retries but EINTR, no state. Failures are `SyscallError`, which
carries call, path and errno.
"""
