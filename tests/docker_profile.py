"""A profile of the size and shape of those that engines give their containers by default."""

from __future__ import annotations

from typing import Any

from tuicontainer.runtime.seccomp.syscall_tables import syscall_numbers

DANGEROUS = """
acct add_key bpf clock_adjtime clock_settime create_module delete_module finit_module
fsconfig fsmount fsopen fspick get_mempolicy init_module io_uring_enter io_uring_register
io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount
mount_setattr move_mount move_pages nfsservctl open_by_handle_at open_tree perf_event_open
pivot_root process_vm_readv process_vm_writev quotactl quotactl_fd reboot request_key
set_mempolicy setdomainname sethostname setns settimeofday stime swapoff swapon syslog
umount umount2 unshare userfaultfd vhangup vm86 vm86old personality clone clone3 socket
cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount
lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat
removexattrat open_tree_attr file_getattr file_setattr listns
"""
NEW_NAMESPACES = 0x7E020000
VSOCK = 40
PERSONALITIES = (0, 8, 0x20000, 0x20008, 0xFFFFFFFF)


def docker_profile(**changes: Any) -> dict[str, Any]:
    """Return `linux.seccomp`: some 380 names, three architectures, conditions on five calls."""
    names = sorted(
        (syscall_numbers("x86_64").keys() | syscall_numbers("x86").keys()) - set(DANGEROUS.split())
    )
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 1,
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "syscalls": [
            {"names": names, "action": "SCMP_ACT_ALLOW"},
            {
                "names": ["socket"],
                "action": "SCMP_ACT_ALLOW",
                "args": [{"index": 0, "value": VSOCK, "op": "SCMP_CMP_NE"}],
            },
            *(
                {
                    "names": ["personality"],
                    "action": "SCMP_ACT_ALLOW",
                    "args": [{"index": 0, "value": value, "op": "SCMP_CMP_EQ"}],
                }
                for value in PERSONALITIES
            ),
            {
                "names": ["clone"],
                "action": "SCMP_ACT_ALLOW",
                "args": [
                    {
                        "index": 0,
                        "value": NEW_NAMESPACES,
                        "valueTwo": 0,
                        "op": "SCMP_CMP_MASKED_EQ",
                    }
                ],
            },
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
            {"names": ["no_such_call_yet"], "action": "SCMP_ACT_ALLOW"},
        ],
        **changes,
    }
