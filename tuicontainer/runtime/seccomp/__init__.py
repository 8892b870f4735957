"""Which system calls a container may make: from the profile to a program that the kernel runs.

    architectures   the 23 architectures: how the kernel names them, how wide their arguments are
    syscall_tables  their system calls' numbers, shipped as text files
    returns         what a filter returns for each action
    rules           a profile → for one architecture, what happens to each number
    conditions      comparisons of arguments → instructions
    compiler        all architectures → one program
    cache           programs kept below the state root
    support         what this kernel can do
    prepare         the one way in: profile → a checked program with its flags
    listener        hands the descriptor of SCMP_ACT_NOTIFY to who answers

The first six are pure. How the program gets into the container's process is the business of
`runtime.process`. No library is needed: libseccomp isn't everywhere, and takes longer than this.
Sources: seccomp(2); kernel Documentation/userspace-api/seccomp_filter.rst; config-linux.md#seccomp.
"""
