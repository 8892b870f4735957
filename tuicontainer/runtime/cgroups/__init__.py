"""What the container may use and has used: control groups v1, hybrid and v2 behind one Protocol.

`open_cgroup` (open.py) reads which hierarchies the host has (hierarchies.py) and returns the
driver: `v1/`, `v2/`, or `hybrid.py`, which is v1 plus the same path in the unified tree. Pure
parts: `hierarchies.parse_hierarchies`, `conversions`, `device_rules`, `device_filter`, `formats`,
and the plans of writes in `v1/plan.py` and `v2/plan.py`. `fake.py` keeps a group in memory and
passes the same contract suite (tests/contracts/cgroups). Groups are plain folders, unless
`systemd/` is asked to let systemd make them.
"""
