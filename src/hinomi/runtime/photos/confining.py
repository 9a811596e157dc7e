"""What the covering process may still ask of the system once a stranger's picture is decoded.

A seccomp filter (Linux) lets it compute, take memory, start threads and answer on its standard
output. Opening files, starting programs, the network, and other processes are refused with EPERM:
who takes over a native decoder by a crafted picture holds that picture and nothing else.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

import msgspec

_NO_NEW_PRIVS = 38
"""PR_SET_NO_NEW_PRIVS (linux/prctl.h)."""
_SET_FILTER, _ALL_THREADS = 1, 1
"""SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC (linux/seccomp.h)."""
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
"""SECCOMP_RET_ALLOW, _KILL_PROCESS, _ERRNO (linux/seccomp.h)."""
_LOAD, _EQUAL, _AT_LEAST, _HAS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""BPF_LD|W|ABS and BPF_JMP|JEQ, |JGE, |JSET with a constant, BPF_RET (linux/bpf_common.h)."""
_NUMBER, _ARCHITECTURE, _FIRST = 0, 4, 16
"""Offsets in struct seccomp_data; the lower half of the first argument (little-endian)."""
_X32 = 0x40000000
_THREAD = 0x00010000
"""CLONE_THREAD (linux/sched.h)."""
_EPERM, _ENOSYS = 1, 38


class _Machine(msgspec.Struct, frozen=True):
    """System call numbers of one architecture."""

    audit: int
    """AUDIT_ARCH_* (linux/audit.h)."""
    seccomp: int
    clone: int
    clone3: int
    tgkill: int
    plain: tuple[int, ...]
    """Allowed whatever their arguments are."""


_MACHINES = {
    # arch/x86/entry/syscalls/syscall_64.tbl. In their order: read write close fstat lseek mmap
    # mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn pread64 readv writev sched_yield
    # mremap madvise nanosleep getpid exit gettimeofday getrusage sigaltstack gettid futex
    # sched_getaffinity clock_gettime clock_getres clock_nanosleep exit_group set_robust_list
    # getcpu getrandom membarrier restart_syscall rseq
    "x86_64": _Machine(
        0xC000003E, 317, 56, 435, 234,
        (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 24, 25, 28, 35, 39, 60, 96, 98, 131,
         186, 202, 204, 228, 229, 230, 231, 273, 309, 318, 324, 219, 334),
    ),
    # include/uapi/asm-generic/unistd.h, the same calls.
    "aarch64": _Machine(
        0xC00000B7, 277, 220, 435, 131,
        (63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 67, 65, 66, 124, 216, 233, 101, 172,
         93, 169, 165, 132, 178, 98, 123, 113, 114, 115, 94, 99, 168, 278, 283, 128, 293),
    ),
}  # fmt: skip


def confine() -> bool:
    """Confine all threads of this process for good; return whether the system could do it.

    What is needed from files has to be loaded before.
    """
    machine = _MACHINES.get(platform.machine())
    if not sys.platform.startswith("linux") or machine is None:
        return False
    code = _filter(machine)
    libc = ctypes.CDLL(None, use_errno=True)
    held = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(
        struct.pack("@HxxxxxxP", len(code) // 8, ctypes.addressof(held))
    )
    if libc.prctl(_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))):
        return False
    number = ctypes.c_long(machine.seccomp)
    return bool(
        libc.syscall(number, ctypes.c_uint(_SET_FILTER), ctypes.c_uint(_ALL_THREADS), program) == 0
    )


def _filter(machine: _Machine) -> bytes:
    """Return the filter's instructions (struct sock_filter)."""
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, machine.audit, yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32, no=1),
        _step(_RETURN, _REFUSE | _EPERM),
    ]
    for number in machine.plain:
        steps += [_step(_EQUAL, number, no=1), _step(_RETURN, _ALLOW)]
    steps += [
        # glibc asks clone3 first, whose flags no filter sees, and clone where that is missing.
        _step(_EQUAL, machine.clone3, no=1),
        _step(_RETURN, _REFUSE | _ENOSYS),
        _step(_EQUAL, machine.clone, no=3),
        _step(_LOAD, _FIRST),
        _step(_HAS, _THREAD, no=4),
        _step(_RETURN, _ALLOW),
        # abort() signals its own process.
        _step(_EQUAL, machine.tgkill, no=2),
        _step(_LOAD, _FIRST),
        _step(_EQUAL, os.getpid(), yes=1),
        _step(_RETURN, _REFUSE | _EPERM),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
