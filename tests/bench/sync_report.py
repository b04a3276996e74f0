"""Figures of the sync channel as Markdown tables."""

from statistics import median

import sync_cases
from report import spread, table


def quantile(values, q):
    ordered = sorted(values)
    return ordered[int(q * (len(ordered) - 1))]


def resync_table(results, memory, count):
    rows = []
    for name, some in results.items():
        rates = [count / one.took / 1e6 for one in some]
        rows.append([name, f"{median(rates):.2f}", spread(rates), f"{median(one.waited for one in some):.2f}",
                     f"{median(one.wire for one in some):.1f}", f"{median(one.cpu for one in some) * 1e6:.2f}",
                     f"{memory[name]:.0f}"])
    head = [f"resync of {count:,} entries", "million/s", "min..max", "s since reachable", "bytes/entry",
            "CPU us/entry, both", "memory/entry"]
    return table(head, rows)


def news_known(some):
    """Milliseconds, of all slices."""
    return [value for one in some for value in one.known]


def news_table(results):
    rows = []
    for name, some in results.items():
        known = news_known(some)
        asked = len(known) + sum(one.never for one in some)
        late = sum(one.too_late for one in some)
        rows.append([name, f"{median(known):.2f}", f"{quantile(known, 0.99):.2f}", f"{asked:,}",
                     f"{late:,} ({100 * late / asked:.1f} %)"])
    head = [f"{sync_cases.RATE:,} new clients/s", "known after ms, median", "p99", "asked about",
            "certainly answered before"]
    return table(head, rows)


def freeze_table(results):
    rows = [[name, stops, f"{answered:,}", unknown] for name, (answered, unknown, stops) in results.items()]
    return table(["frozen and cut off", "times", "clients answered", "of these unknown to the standby"], rows)


def active_cpu(visit):
    """Seconds a client. Not in units of what clients and servers spent meanwhile: replies that waited for one
    confirmation come together, so that the channel saves them some of their work."""
    return visit.active / visit.clients


def all_cpu(visit):
    return (visit.active + visit.load) / visit.clients


def cost_table(results):
    rows = []
    for name, (on, off) in results.items():
        for called, some in (("with", on), ("without", off)):
            rows.append([f"{name}, {called}", f"{median(one.clients / one.said['seconds'] for one in some):,.0f}",
                         f"{median(active_cpu(one) for one in some) * 1e6:.2f}",
                         spread([active_cpu(one) * 1e6 for one in some]),
                         f"{median(all_cpu(one) for one in some) * 1e6:.2f}"])
    head = ["sync channel", "new clients/s", "CPU us/client, active", "min..max", "with clients and servers"]
    return table(head, rows)


def confirm_table(on, off):
    rows = [[called, f"{median(one.said['median_us'] for one in some):.0f}",
             spread([one.said["median_us"] for one in some]), f"{median(one.said['p99_us'] for one in some):.0f}"]
            for called, some in (("sync confirm", on), ("no sync confirm", off))]
    return table([f"first reply, {sync_cases.RATE:,} new clients/s", "us, median", "min..max", "p99"], rows)
