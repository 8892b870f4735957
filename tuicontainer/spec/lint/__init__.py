"""What is legal in a config.json and risky all the same: rules with id, source and remedy."""
