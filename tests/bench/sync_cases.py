"""What of the sync channel is measured, and how: each case plays the same with everybody, in turns."""

import random
import time
from dataclasses import dataclass
from statistics import median

import meter
from rig import Failure
from syncers import SERVERS, Entry
from town import dotted

RATE = 2000  # new clients a second, where it is about latency
FULL_RATE = 10_000  # where it is about cost
RESYNC, NEWS, FREEZE, COST, CONFIRM = NAMES = ("resync", "news", "freeze", "cost", "confirm")


def made_entries(count):
    """The oldest first: addresses without order, as clients have them; last used within the past hour. Half of them
    were there once, the others came back."""
    chance = random.Random(1)
    now = int(time.time() * 1000)
    entries = []
    for i, number in enumerate(chance.sample(range(128 << 24, 224 << 24), count)):
        used = now - 3_600_000 * (count - i) // count
        assigned = used if chance.random() < 0.5 else used - chance.randrange(3_600_000)
        entries.append(Entry(dotted(number), chance.randrange(len(SERVERS)), assigned, used))
    return entries


@dataclass
class Resync:
    """One standby that came up empty."""

    waited: float  # seconds from the moment when it could reach the active until it knew all
    took: float  # of these, since the first entries came
    wire: float  # bytes an entry
    cpu: float  # seconds an entry, of both ends


def resync(town, syncers, count, rounds):
    """Returns ({name: [Resync]}, {name: bytes of memory an entry, at the active})."""
    entries = made_entries(count)
    pairs, memory = {}, {}
    for syncer in syncers:
        pair = pairs[syncer.name] = town.open_pair(syncer, count + count // 10, nodes=1)
        before = meter.memory(pair.active.group.pids())
        syncer.fill(pair.seats[0], entries)
        known = syncer.count(pair.seats[0])
        if known != count:
            raise Failure(f"{syncer.name}: knows {known} of {count} entries that it was given")
        memory[syncer.name] = (meter.memory(pair.active.group.pids()) - before) / count
    results = {name: [] for name in pairs}
    for _ in range(rounds):
        for name, pair in pairs.items():
            results[name].append(resync_once(town, pair, count))
    for pair in pairs.values():
        town.close_pair(pair)
    return results, memory


def resync_once(town, pair, count):
    """The standby starts without a cable, so that its start is in no figure, and has all when it counts all."""
    wire = town.nodes[0]
    wire.cut("sync")
    town.start_node(pair, 1)
    time.sleep(1)
    groups = [one.group for one in pair.running]
    before, bytes_before = [group.cpu() for group in groups], wire.bytes_on("sync")
    wire.mend("sync")
    mended, began = time.monotonic(), None
    while pair.syncer.count(pair.seats[1]) < count:
        now = time.monotonic()
        while began is None and now - mended < 30:
            if wire.bytes_on("sync") - bytes_before > 16 << 10:
                began = now
            time.sleep(0.002)
            now = time.monotonic()
        if now - mended > 60:
            raise Failure(f"{pair.syncer.name}: after {now - mended:.0f} s the standby knows "
                          f"{pair.syncer.count(pair.seats[1])} of {count} entries")
        time.sleep(0.01)
    ended = time.monotonic()
    cpu = sum(group.cpu() for group in groups) - sum(before)
    wire_bytes = wire.bytes_on("sync") - bytes_before
    town.stop_node(pair, 1)
    return Resync(ended - mended, ended - (began or mended), wire_bytes / count, cpu / count)


@dataclass
class News:
    """When the standby knew of clients: milliseconds since the connection was there, for those asked about; for how
    many of them it answered no to a question put after they had the first byte of their reply."""

    known: list
    too_late: int
    never: int


def read_news(lines):
    news = News([], 0, 0)
    for line in lines:
        _, reply, no, yes = line.split()
        if float(yes) < 0:
            news.never += 1
        else:
            news.known.append(float(yes) / 1000)
        if float(no) > float(reply):
            news.too_late += 1
    return news


def news(town, syncers, clients, seconds):
    """Slices of so many seconds until so many clients were asked about. Returns {name: [News]}."""
    pairs = linked_pairs(town, syncers)
    town.share_cores(pairs.values(), apart=False)
    results = {name: [] for name in pairs}
    while any(sum(len(one.known) + one.never for one in some) < clients for some in results.values()):
        for name, pair in pairs.items():
            results[name].append(read_news(town.visit(pair, RATE, seconds, ask=True).log))
            if not results[name][-1].known:
                raise Failure(f"{name}: the standby came to know nobody")
    close(town, pairs)
    return results


def linked_pairs(town, syncers, clients=1_000_000, **how):
    pairs = {syncer.name: town.open_pair(syncer, clients, **how) for syncer in syncers}
    for pair in pairs.values():
        if pair.seats[0].sync:
            town.wait_until_linked(pair)
    return pairs


def close(town, pairs):
    for pair in pairs.values():
        town.close_pair(pair)


def freeze(town, syncer, clients):
    """The active stops and its cable is cut, at moments by chance, until so many clients were answered in all. Returns
    (answered, of these unknown to the standby, number of stops)."""
    answered = unknown = stops = 0
    while answered < clients:
        pair = linked_pairs(town, [syncer])[syncer.name]
        had_reply = town.freeze(pair, RATE, random.uniform(0.2, 0.5))
        unknown += len(had_reply - syncer.known(pair.seats[1]))
        answered += len(had_reply)
        stops += 1
        town.thaw(pair)
    return answered, unknown, stops


def compare(town, pairs, rate, seconds, rounds):
    """The same clients for a pair of pairs, in turns. Returns ([Visit], [Visit])."""
    visits = ([], [])
    for _ in range(rounds):
        for some, pair in zip(visits, pairs):
            some.append(town.visit(pair, rate, seconds))
    return visits


def cost(town, syncers, seconds, rounds):
    """With the channel and without. Returns {name: ([Visit], [Visit])}."""
    results = {}
    for syncer in syncers:
        pairs = [linked_pairs(town, [syncer])[syncer.name],
                 linked_pairs(town, [syncer], nodes=1, sync=False)[syncer.name]]
        town.share_cores(pairs, apart=True)
        results[syncer.name] = compare(town, pairs, FULL_RATE, seconds, rounds)
        for pair in pairs:
            town.close_pair(pair)
    return results


def confirm(town, syncer, seconds, rounds):
    """With `sync confirm` and without. Returns ([Visit], [Visit])."""
    pairs = [linked_pairs(town, [syncer], confirm=wanted)[syncer.name] for wanted in (True, False)]
    town.share_cores(pairs, apart=False)
    visits = compare(town, pairs, RATE, seconds, rounds)
    for pair in pairs:
        town.close_pair(pair)
    return visits


def lost(on, off, of):
    """Percent that `of` a visit is more with than without: the median over the rounds."""
    return median(100 * (of(a) / of(b) - 1) for a, b in zip(on, off))
