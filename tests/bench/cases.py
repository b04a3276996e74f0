"""What is measured, and the bars to reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """A case of traffic: norm of every proxy, packed and split."""

    name: str
    title: str
    connections: int
    path: str = "/t"
    short: bool = False
    bar: float = 1.0  # packed: the most that norm of holdfast / norm of haproxy may be

    def arguments(self):
        return ["--connections", str(self.connections), "--path", self.path, "--short", str(int(self.short))]


LOADS = (
    Load("short", "short connections", 64, short=True, bar=0.92),
    Load("keep64", "64 keep-alive", 64, bar=0.88),
    Load("keep1000", "1000 keep-alive", 1000, bar=0.88),
    Load("1m", "1 MiB replies", 16, "/1m", bar=0.45),
    Load("64k", "64 KiB replies", 64, "/64k", bar=0.85),
)
LOGGED = "keep64"  # whose cost of the access log has a bar
LOG = "log"
MEMORY = "memory"  # user memory per idle connection
TABLE = "table"  # what a large client table costs
FIND = "find"  # what the client table costs by itself
FIND_BYTES = "find-bytes"
UNFAIR = "unfair"  # what a crowd does to one other client
NAMES = tuple(load.name for load in LOADS) + (UNFAIR, MEMORY, TABLE, FIND)

LOG_BAR = 3.0  # percent
MEMORY_BAR = 1024  # bytes per idle connection
TABLE_BAR = 2.0  # percent
TABLE_SMALL = 2048
TABLE_LARGE = 1_000_000
TABLE_LARGE_SHORT = 50_000  # in a smoke run
FIND_CLIENTS = 1_000_000
FIND_BAR = 0.6  # microseconds to find a client and make it the most recent
FIND_BYTES_BAR = 64  # bytes of memory for a client
