"""Control groups of version 1: one folder in each mounted hierarchy, each with its controllers."""
