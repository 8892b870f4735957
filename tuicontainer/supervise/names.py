"""File names in the state root: `~engine/` of the spawner, and of each container's folder."""

SPAWNER_SOCKET = "spawner.sock"
SPAWNER_LOCK = "spawner.lock"
MONITOR_SOCKET = "monitor.sock"
