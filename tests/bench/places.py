"""Machines within this one: network namespaces, joined by cables."""

import contextlib
import ctypes
import os
import subprocess

import network
from rig import Failure

LIBC = ctypes.CDLL(None, use_errno=True)
OWN = "/proc/thread-self/ns/net"


def check(returned, what):
    if returned != 0:
        raise Failure(f"{what}: {os.strerror(ctypes.get_errno())} (network namespaces need root)")


class Place:
    """A namespace of its own, gone with the last process in it and this object."""

    def __init__(self):
        home = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
        check(LIBC.unshare(network.CLONE_NEWNET), "unshare")
        try:
            self.namespace = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
            network.bring_up()
            network.choose_congestion_control()
        finally:
            check(LIBC.setns(home, 0), "setns")
            os.close(home)

    def enter(self):
        """For good: in a child before it becomes another program."""
        check(LIBC.setns(self.namespace, 0), "setns")

    @contextlib.contextmanager
    def inside(self):
        home = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
        self.enter()
        try:
            yield
        finally:
            check(LIBC.setns(home, 0), "setns")
            os.close(home)

    def ip(self, words):
        ran = subprocess.run(["ip", *words.split()], preexec_fn=self.enter, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise Failure(f"ip {words}: {ran.stderr.strip()}")

    def plug(self, interface, address, other, other_interface, other_address):
        """A cable to another place. Addresses with the length of their network."""
        namespace = f"/proc/{os.getpid()}/fd/{other.namespace}"
        self.ip(f"link add {interface} type veth peer name {other_interface} netns {namespace}")
        for place, name, own in ((self, interface, address), (other, other_interface, other_address)):
            place.ip(f"address add {own} dev {name}")
            place.ip(f"link set {name} up")

    def cut(self, interface):
        """Nothing passes any more, in no direction, when this returns."""
        with self.inside():
            network.bring_up(interface, up=False)

    def mend(self, interface):
        with self.inside():
            network.bring_up(interface)

    def bytes_on(self, interface):
        """Sent and received so far, heads included, as the interface counts them."""
        with self.inside(), open("/proc/thread-self/net/dev") as lines:
            for line in lines:
                name, _, figures = line.partition(":")
                if name.strip() == interface:
                    columns = figures.split()
                    return int(columns[0]) + int(columns[8])
        raise Failure(f"no interface {interface}")
