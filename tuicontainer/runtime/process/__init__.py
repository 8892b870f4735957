"""How the container's first process, and each exec, comes to be."""
