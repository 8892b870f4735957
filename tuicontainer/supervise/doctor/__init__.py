"""`doctor`: compares our records with the kernel, names what doesn't fit, and mends it.

Who is at work is told by locks that the kernel gives back when their holder dies: a container whose
monitor lives, or whose state folder somebody works in, isn't looked at.
"""
