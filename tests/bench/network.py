"""A network of our own: nobody else's connections, ports and settings in the figures."""

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
CONTROL = "/proc/sys/net/ipv4/tcp_congestion_control"


def congestion_control():
    with open(CONTROL) as setting:
        return setting.read().strip()


def bring_up(interface="lo", up=True):
    """In the namespace we are in."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", interface.encode(), IFF_UP if up else 0))


def choose_congestion_control():
    """A pacing algorithm (bbr) sends bulk by a timer: then a proxy's figures tell of timers. A namespace may choose only
    among what the machine allows everybody; without loss reno and Debian's cubic do the same."""
    for wanted in ("cubic", "reno"):
        try:
            with open(CONTROL, "w") as setting:
                setting.write(wanted)
            return
        except OSError:
            continue


def enter():
    """Moves this process and what it will start into a new network namespace with a loopback and nothing else, where
    TCP does not pace. Returns one line about the network that figures are from."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNET) != 0:
        return f"the machine's own loopback (not root: no network namespace), {congestion_control()}"
    bring_up()
    choose_congestion_control()
    return f"a network namespace of its own, {congestion_control()}"
