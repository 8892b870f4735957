"""What the container sees: mounts, devices, masked paths; first a plan, then its operations."""
