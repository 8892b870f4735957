"""What the container may use and has used: control groups v1, hybrid and v2 behind one Protocol."""
