"""One file a verb; each has a `COMMAND`, and only the one that was asked for is imported."""
