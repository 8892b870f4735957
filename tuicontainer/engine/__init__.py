"""Many containers over time, by asyncio: one object behind every door but the quick CLI verbs."""
