"""The system calls that ordinary programs need, for the template `hardened`.

What isn't listed answers ENOSYS, so that C libraries fall back to older calls as on an older
kernel. Left out is what makes namespaces, mounts, loads code into the kernel, looks into other
processes or changes the host: bpf, mount, ptrace, setns, unshare, io_uring, keyrings and so on.
Sources: the manual pages of section 2; syscalls(2); config-linux.md#seccomp.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ENOSYS = 38
_FILES = """
access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr
flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents
getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lchown lgetxattr
link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat memfd_create mkdir mkdirat
mknod mknodat newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev
pwritev2 read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir
sendfile setxattr splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee
truncate umask unlink unlinkat utime utimensat utimes vmsplice write writev
"""
_MEMORY = """
brk madvise membarrier mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall
munmap pkey_alloc pkey_free pkey_mprotect
"""
_PROCESSES = """
alarm arch_prctl capget capset execve execveat exit exit_group fork futex futex_waitv
get_robust_list getcpu getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid
getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid kill pause pidfd_open
pidfd_send_signal prctl prlimit64 restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask
rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max
sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
set_robust_list set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority
setregid setresgid setresuid setreuid setrlimit setsid setuid sigaltstack tgkill time times tkill
uname vfork wait4 waitid
"""
_WAITING = """
clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait
epoll_pwait2 epoll_wait eventfd eventfd2 getrandom gettimeofday nanosleep poll ppoll pselect6
select signalfd signalfd4 sysinfo timer_create timer_delete timer_getoverrun timer_gettime
timer_settime timerfd_create timerfd_gettime timerfd_settime
"""
_TALKING = """
accept accept4 bind connect getpeername getsockname getsockopt ioctl listen mq_getsetattr mq_notify
mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd recvfrom recvmmsg recvmsg
semctl semget semop semtimedop sendmmsg sendmsg sendto setsockopt shmat shmctl shmdt shmget
shutdown socketpair
"""
_CLONE_NEW = 0x7E020000
"""All of CLONE_NEW…; clone3 hides its flags in memory, so it isn't listed (clone(2))."""
_VSOCK = 40
"""AF_VSOCK reaches the hypervisor, whatever the network namespace (vsock(7))."""


def seccomp_section() -> dict[str, Any]:
    """Return a `linux.seccomp` that allows these, and no new namespace."""
    names = f"{_FILES} {_MEMORY} {_PROCESSES} {_WAITING} {_TALKING}".split()
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": _ENOSYS,
        "syscalls": [
            {"names": names, "action": "SCMP_ACT_ALLOW"},
            {
                "names": ["clone"],
                "action": "SCMP_ACT_ALLOW",
                "args": [
                    {
                        "index": 0,
                        "value": _CLONE_NEW,
                        "valueTwo": 0,
                        "op": "SCMP_CMP_MASKED_EQ",
                    }
                ],
            },
            {
                "names": ["socket"],
                "action": "SCMP_ACT_ALLOW",
                "args": [{"index": 0, "value": _VSOCK, "op": "SCMP_CMP_NE"}],
            },
        ],
    }
