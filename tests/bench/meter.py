"""CPU time and memory of groups of processes.

A group is a cgroup where the machine has them (v1 cpuacct or v2 cpu.stat): exact, and children are in it by themselves.
Where neither can be used, the sum over /proc/PID/stat, in steps of 10 ms, stands in.
"""

import os
import subprocess
import time

UNIFIED = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
CPUACCT = ("/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup/cpu,cpuacct")


class Cgroup:
    """Directory `path` is ours: made here, removed by remove() when all its processes have ended."""

    def __init__(self, path):
        self.path = path
        os.makedirs(path, exist_ok=False)

    def join(self):
        """Called in a new child before it becomes another program."""
        with open(f"{self.path}/cgroup.procs", "w") as procs:
            procs.write("0")

    def adopt(self, pid):
        """Told to the group in the parent; the kernel knows it already."""

    def pids(self):
        with open(f"{self.path}/cgroup.procs") as procs:
            return [int(line) for line in procs]

    def cpu(self):
        """Seconds of CPU used so far."""
        try:
            with open(f"{self.path}/cpuacct.usage") as usage:
                return int(usage.read()) / 1e9
        except FileNotFoundError:
            with open(f"{self.path}/cpu.stat") as stat:
                return int(stat.readline().split()[1]) / 1e6

    def remove(self):
        for _ in range(50):
            try:
                return os.rmdir(self.path)
            except OSError:
                time.sleep(0.02)


class Processes:
    """The stand-in: the processes told to it, and their children."""

    def __init__(self, _path):
        self.adopted = []
        self.ended = {}

    def join(self):
        pass

    def adopt(self, pid):
        self.adopted.append(pid)

    def pids(self):
        found = list(self.adopted)
        for pid in found:
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as children:
                    found.extend(int(child) for child in children.read().split())
            except FileNotFoundError:
                pass
        return [pid for pid in found if os.path.exists(f"/proc/{pid}/stat")]

    def cpu(self):
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
                    self.ended[pid] = int(fields[11]) + int(fields[12])
            except FileNotFoundError:
                pass
        return sum(self.ended.values()) / os.sysconf("SC_CLK_TCK")

    def remove(self):
        pass


def own_cgroup(controller):
    """The path of this process below the mount of a hierarchy: '' is v2, else a v1 controller."""
    with open("/proc/self/cgroup") as lines:
        for line in lines:
            _, names, path = line.strip().split(":", 2)
            if controller in names.split(",") and (controller or not names):
                return path.rstrip("/")
    return ""


def works(parent):
    """Whether a cgroup below `parent` can be made, joined and counts."""
    try:
        probe = Cgroup(f"{parent}/holdfast-bench-probe-{os.getpid()}")
    except OSError:
        return False
    try:
        subprocess.run(["/bin/true"], preexec_fn=probe.join, check=True)
        return probe.cpu() > 0
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return False
    finally:
        probe.remove()


def open_meter():
    """Returns (a function that makes a group by its name, one line that says how CPU is measured)."""
    for mounts, controller, called in ((CPUACCT, "cpuacct", "cgroup v1 cpuacct"), (UNIFIED, "", "cgroup v2 cpu.stat")):
        for mount in mounts:
            for parent in (mount + own_cgroup(controller), mount):
                if os.path.isdir(parent) and works(parent):
                    return lambda name: Cgroup(f"{parent}/holdfast-bench-{os.getpid()}-{name}"), called
    return Processes, "/proc/PID/stat in steps of 10 ms (no cgroup can be made here: run as root; figures are coarse)"


def memory(pids):
    """Bytes of memory of their own that the processes have touched: anonymous and shared, without program text."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) * 1024
    return total
