"""Bundle folders: where they are, what they hold, how shipped ones get their root filesystem."""
