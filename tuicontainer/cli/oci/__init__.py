"""The drop-in OCI runtime: runc's command line, straight to `runtime`."""
