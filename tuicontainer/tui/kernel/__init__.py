"""What only the owner of the runtime can show: what the kernel has, beside what was asked. Pure.

Each module makes the lines of one tab for a width. `engine.api.Container.kernel` and its
neighbours say what there is; nothing here reads the kernel.
"""
