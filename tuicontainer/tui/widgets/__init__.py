"""What is drawn: tables and views by lines, each repainting only what changed."""
