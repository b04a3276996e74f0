"""Processes on loopback: started, pinned to cores, measured, ended by their ids."""

import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

import meter
from proxies import Site


class Failure(Exception):
    """Something that makes the whole run worthless: a sentence for the user."""


@dataclass
class Sample:
    """One slice: CPU seconds of the proxy and of backend + loader, requests answered, length in seconds."""

    proxy: float
    load: float
    requests: int
    seconds: float

    @property
    def norm(self):
        return self.proxy / self.load

    @property
    def per_cpu_second(self):
        """Requests that one second of a core pays for when everything runs on it."""
        return self.requests / (self.proxy + self.load)


def free_port():
    """Below the kernel's range for outgoing connections, so that none of those takes it first."""
    for _ in range(1000):
        port = random.randrange(20000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failure("no free port on 127.0.0.1 between 20000 and 30000")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def tail(path):
    with open(path, errors="replace") as file:
        return file.read()[-2000:].strip()


class Running:
    """A program of ours, with its group."""

    def __init__(self, stage, name, argv, enter):
        self.name = name
        self.group = stage.make_group(name)
        self.said = f"{stage.directory}/{name}.out"

        def prepare():
            self.group.join()
            enter()

        with open(self.said, "w") as out:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=prepare)
        self.group.adopt(self.process.pid)

    def wait_until(self, ready):
        """ready: a function that says whether it does its work now."""
        deadline = time.monotonic() + 10
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{self.name} does not answer; it said:\n{tail(self.said)}")
            time.sleep(0.02)

    def alive(self):
        return self.process.poll() is None

    def pin(self, core):
        self.pin_to({core})

    def pin_to(self, cores):
        for pid in self.group.pids():
            for thread in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(thread), cores)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            pass
        for pid in self.group.pids():  # what did not end in three seconds, children included
            os.kill(pid, signal.SIGKILL)
        self.process.wait(5)
        self.group.remove()


class Stage:
    """Programs and their groups. Use as a context: at its end nothing is left."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="holdfast-bench-")
        self.new_group, self.metering = meter.open_meter()
        self.running = []
        self.groups_made = 0
        cores = sorted(os.sched_getaffinity(0))
        self.main_core, self.other_core = cores[-1], cores[0]  # interrupts love the first core
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.connections = min(9000, (hard - 1500) // 2)  # a proxy needs two descriptors for each, and some for pipes

    def make_group(self, name):
        self.groups_made += 1
        return self.new_group(f"{self.groups_made}-{name}")

    def start(self, name, argv, ready, enter=lambda: None):
        """Returns when `ready`. enter: called in the child before it becomes the program."""
        one = Running(self, name, argv, enter)
        self.running.append(one)
        one.wait_until(ready)
        return one

    def stop(self, one):
        self.running.remove(one)
        one.stop()

    def __enter__(self):
        try:
            self.set_up()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for one in reversed(self.running):
            one.stop()
        self.running.clear()
        shutil.rmtree(self.directory, ignore_errors=True)


class Rig(Stage):
    """A backend, any number of proxies, one loader at a time."""

    def __init__(self, tools):
        super().__init__()
        self.tools = tools
        self.loads = None

    def set_up(self):
        os.sched_setaffinity(0, {self.other_core})
        self.loads = self.make_group("loader")
        self.backend = self.start_backend("backend")

    def close(self):
        super().close()
        if self.loads:
            self.loads.remove()

    def start_backend(self, name, *more):
        return self.start_on(name, lambda port: [f"{self.tools}/bench_backend", "--port", str(port), *more])

    def start_on(self, name, arguments):
        """arguments: a function of the port."""
        port = free_port()
        one = self.start(name, arguments(port), lambda: answers(port))
        one.port = port
        return one

    def start_proxy(self, proxy, clients=None, called=None):
        called = called or proxy.name
        directory = tempfile.mkdtemp(prefix=called + "-", dir=self.directory)
        os.chmod(directory, 0o755)

        def arguments(port):
            site = Site(directory, self.connections, port, self.backend.port, clients or proxy.clients)
            return [proxy.found(), *proxy.arguments(site)]

        return self.start_on(called, arguments)

    def pin(self, proxies, packed):
        """packed: proxies, backend and loader on one core; else the proxies have it for themselves."""
        self.load_core = self.main_core if packed else self.other_core
        self.backend.pin(self.load_core)
        for one in proxies:
            one.pin(self.main_core)

    def load(self, port, arguments, limit):
        """Starts the loader. limit: seconds after which it is ended whatever it does."""

        def prepare():
            self.loads.join()
            os.sched_setaffinity(0, {self.load_core})

        argv = [f"{self.tools}/bench_loader", "--port", str(port), *arguments]
        loader = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, preexec_fn=prepare)
        self.loads.adopt(loader.pid)
        watchdog = threading.Timer(limit, loader.kill)
        watchdog.start()
        return loader, watchdog

    def drive(self, one, arguments, seconds):
        """One slice of load through a proxy. Raises Failure when a single request failed."""
        loader, watchdog = self.load(one.port, [*arguments, "--milliseconds", str(int(seconds * 1000))], seconds + 40)
        try:
            first = loader.stdout.readline()
            before = one.group.cpu(), self.loads.cpu() + self.backend.group.cpu()
            last = loader.stdout.readline() if first.startswith("start") else first
            after = one.group.cpu(), self.loads.cpu() + self.backend.group.cpu()
        finally:
            finish(loader, watchdog)
        result = self.check(one, last)
        return Sample(after[0] - before[0], after[1] - before[1], result["requests"], result["seconds"])

    def fill(self, one, clients):
        """One short connection from each of so many client addresses."""
        loader, watchdog = self.load(one.port, ["--short", "1", "--requests", str(clients), "--sources", str(clients)],
                                     600)
        try:
            last = loader.stdout.readline()
        finally:
            finish(loader, watchdog)
        result = self.check(one, last)
        if result["requests"] < clients:
            raise Failure(f"{one.name}: only {result['requests']} of {clients} clients came in {result['seconds']:.0f} s")

    def check(self, one, line):
        if not one.alive():
            raise Failure(f"{one.name} has ended; it said:\n{tail(one.said)}")
        try:
            result = json.loads(line)
        except ValueError:
            raise Failure(f"{one.name}: the loader gave no result, its last line was '{line.strip()}'") from None
        if result["failed"] or result["silent"] or not result["requests"]:
            raise Failure(f"{one.name}: {result['failed']} requests failed ({result['why'] or 'no reason'}), "
                          f"{result['silent']} connections had no answer, {result['requests']} requests were answered")
        return result

    def memory_per_idle_connection(self, one, count):
        """Bytes of user memory for each of `count` connections that had one reply and then say nothing. The first
        200 do not count: they bring up what is there once."""
        held = []
        try:
            for i in range(200 + count):
                if i == 200:
                    time.sleep(0.3)
                    before = meter.memory(one.group.pids())
                held.append(idle_connection(one))
            time.sleep(0.5)
            return (meter.memory(one.group.pids()) - before) / count
        finally:
            for connection in held:
                connection.close()


def finish(loader, watchdog):
    loader.stdout.close()
    loader.wait()
    watchdog.cancel()


def idle_connection(one):
    connection = socket.create_connection(("127.0.0.1", one.port), timeout=5)
    connection.sendall(b"GET /t HTTP/1.1\r\nHost: bench\r\n\r\n")
    got = b""
    while not got.endswith(b"\r\n\r\nxx"):
        part = connection.recv(4096)
        if not part:
            raise Failure(f"{one.name}: an idle connection was closed")
        got += part
    return connection
