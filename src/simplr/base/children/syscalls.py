"""Numbers of the system calls that a child is refused, for the two machines Simplr runs on.

Taken from the kernel's `asm/unistd_64.h` (x86-64) and `asm-generic/unistd.h` (arm64). A call that
one of the two does not have is 0 there and left out; numbers are never reused by the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

_NETWORK = """
socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201, accept 43 202,
accept4 288 242, sendto 44 206, sendmsg 46 211, sendmmsg 307 269, recvfrom 45 207, recvmsg 47 212,
recvmmsg 299 243, shutdown 48 210, getsockname 51 204, getpeername 52 205, setsockopt 54 208,
getsockopt 55 209
"""
_PROGRAMS = "execve 59 221, execveat 322 281, fork 57 0, vfork 58 0"
_OTHER_PROCESSES = """
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, kcmp 312 272,
process_madvise 440 440, process_mrelease 448 448, pidfd_open 434 434, pidfd_getfd 438 438,
pidfd_send_signal 424 424, kill 62 129, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,
tkill 200 130, setpgid 109 154, setsid 112 157, setpriority 141 140, ioprio_set 251 30,
sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274,
sched_setaffinity 203 122, migrate_pages 256 238, move_pages 279 239, wait4 61 260, waitid 247 95
"""
_FILES = """
creat 85 0, open_by_handle_at 304 265, name_to_handle_at 303 264, openat2 437 437, truncate 76 45,
ftruncate 77 46, fallocate 285 47, rename 82 0, renameat 264 38, renameat2 316 276, link 86 0,
linkat 265 37, symlink 88 0, symlinkat 266 36, unlink 87 0, unlinkat 263 35, mkdir 83 0,
mkdirat 258 34, rmdir 84 0, mknod 133 0, mknodat 259 33, chmod 90 0, fchmod 91 52,
fchmodat 268 53, chown 92 0, fchown 93 55, lchown 94 0, fchownat 260 54, utime 132 0,
utimes 235 0, utimensat 280 88, futimesat 261 0, setxattr 188 5, lsetxattr 189 6,
fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16,
memfd_create 319 279, memfd_secret 447 447, inotify_init 253 0, inotify_init1 294 26,
inotify_add_watch 254 27, fanotify_init 300 262, fanotify_mark 301 263, copy_file_range 326 285,
splice 275 76, tee 276 77, vmsplice 278 75, sendfile 40 71, chdir 80 49, fchdir 81 50
"""
_THE_SYSTEM = """
mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, unshare 272 97, setns 308 268,
open_tree 428 428, move_mount 429 429, fsopen 430 430, fsconfig 431 431, fsmount 432 432,
fspick 433 433, mount_setattr 442 442, init_module 175 105, finit_module 313 273,
delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294, reboot 169 142,
swapon 167 224, swapoff 168 225, sethostname 170 161, setdomainname 171 162, acct 163 89,
quotactl 179 60, quotactl_fd 443 443, bpf 321 280, perf_event_open 298 241, keyctl 250 219,
add_key 248 217, request_key 249 218, userfaultfd 323 282, io_uring_setup 425 425,
io_uring_enter 426 426, io_uring_register 427 427, iopl 172 0, ioperm 173 0,
settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266, adjtimex 159 171,
syslog 103 116, lookup_dcookie 212 18, nfsservctl 180 42, personality 135 92, uselib 134 0,
ustat 136 0, sysfs 139 0, vhangup 153 58, modify_ldt 154 0, seccomp 317 277
"""
_IDENTITY = """
setuid 105 146, setgid 106 144, setreuid 113 145, setregid 114 143, setresuid 117 147,
setresgid 119 149, setfsuid 122 151, setfsgid 123 152, setgroups 116 159, capset 126 91,
setrlimit 160 164
"""
_SHARED_MEMORY = """
shmget 29 194, shmat 30 196, shmctl 31 195, shmdt 67 197, msgget 68 186, msgsnd 69 189,
msgrcv 70 188, msgctl 71 187, semget 64 190, semop 65 193, semtimedop 220 192, semctl 66 191,
mq_open 240 180, mq_unlink 241 181, mq_timedsend 242 182, mq_timedreceive 243 183,
mq_notify 244 184, mq_getsetattr 245 185
"""
_REFUSED = ",".join(
    (_NETWORK, _PROGRAMS, _OTHER_PROCESSES, _FILES, _THE_SYSTEM, _IDENTITY, _SHARED_MEMORY)
)

FIRST_UNKNOWN = 450
"""From this number on, calls are newer than this list and do not exist for a child."""


def _column(index: int) -> dict[str, int]:
    rows = [row.split() for row in _REFUSED.split(",") if row.strip()]
    return {row[0]: int(row[index]) for row in rows if int(row[index])}


@dataclass(frozen=True, slots=True)
class Machine:
    """One kind of machine: how seccomp names it, what is refused, what is looked at closely."""

    audit_arch: int
    refused: dict[str, int]
    clone: int
    clone3: int
    open: int
    openat: int
    looking: tuple[int, ...]
    """Listing folders and asking whether a file is there: refused where no file can be opened."""
    prlimit64: int
    prctl: int
    ioctl: int
    tgkill: int
    alternative_numbers_from: int
    """Numbers from here on are another ABI on the same machine (x32); 0: there is none."""


MACHINES = {
    "x86_64": Machine(
        audit_arch=0xC000003E,
        refused=_column(1),
        clone=56,
        clone3=435,
        open=2,
        openat=257,
        looking=(217, 21, 269, 439),  # getdents64, access, faccessat, faccessat2
        prlimit64=302,
        prctl=157,
        ioctl=16,
        tgkill=234,
        alternative_numbers_from=0x40000000,
    ),
    "aarch64": Machine(
        audit_arch=0xC00000B7,
        refused=_column(2),
        clone=220,
        clone3=435,
        open=0,
        openat=56,
        looking=(61, 48, 439),  # getdents64, faccessat, faccessat2
        prlimit64=261,
        prctl=167,
        ioctl=29,
        tgkill=131,
        alternative_numbers_from=0,
    ),
}
