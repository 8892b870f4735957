"""What the container sees: mounts, devices, masked paths; first a plan, then its operations.

    plan_rootfs(config, …) -> RootfsPlan     pure: what will be done, in words by `describe()`
    Rootfs.open(plan)                        opens the root filesystem and all bind sources
          .build()                           mounts, devices, console; the host is still in view
          .pivot()                           the container's root becomes the process's root
          .finish()                          read-only root, read-only and masked paths

Everything the plan names inside the container is reached by `openat2` below the root's descriptor
and changed through descriptors, so that nothing in a hostile root filesystem can lead outside.
Which namespaces exist and who is waited for is the business of `runtime/process`, next door.
"""
