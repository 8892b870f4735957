"""OCI documents as typed records, decoded and checked. Pure: no I/O, no system call."""
