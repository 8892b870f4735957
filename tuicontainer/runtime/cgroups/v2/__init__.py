"""Control groups of version 2: one folder in the unified hierarchy."""
