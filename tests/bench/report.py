"""Figures as Markdown tables, and the verdict on the bars."""

from statistics import median

from proxies import BASE

SUBJECT = "holdfast"
UNLOGGED = "holdfast-unlogged"


def table(head, rows):
    """Aligned for people, and Markdown for the document."""
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    lines = []
    for row in [head, ["-" * width for width in widths], *rows]:
        first, *rest = (str(cell) for cell in row)
        lines.append("| " + " | ".join([first.ljust(widths[0]),
                                        *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]) + " |")
    return "\n".join(lines)


def spread(values):
    return f"{min(values):.2f}..{max(values):.2f}"


def loads_table(load, layout, samples):
    """samples: {proxy: [Sample]}. Returns the text."""
    base = median(one.norm for one in samples[BASE]) if BASE in samples else None
    rows = []
    for name, some in samples.items():
        norms = [one.norm for one in some]
        rows.append([name, f"{median(norms):.3f}", spread(norms), f"{median(norms) / base:.2f}" if base else "-",
                     f"{median(one.requests / one.seconds for one in some):,.0f}",
                     f"{median(one.proxy / one.requests for one in some) * 1e6:.1f}"])
    head = [f"{load.title}, {layout}", "norm", "min..max", "ratio", "requests/s", "proxy us/request"]
    return table(head, rows)


def memory_table(bytes_each, count):
    rows = [[name, f"{value:,.0f}"] for name, value in bytes_each.items()]
    return table([f"user memory, {count} idle connections", "bytes each"], rows)


def table_cost(small, large):
    """Percent of connections for a second of CPU that the large client table costs: the median over the rounds."""
    return median(100 * (1 - b.per_cpu_second / a.per_cpu_second) for a, b in zip(small, large))


def table_table(small, large, sizes):
    rows = [[f"{size:,} clients", f"{median(one.per_cpu_second for one in some):,.0f}",
             f"{median(one.norm for one in some):.3f}", spread([one.norm for one in some])]
            for size, some in zip(sizes, (small, large))]
    return table(["client table", "connections per CPU second", "norm", "min..max"], rows)


def find_table(times, size, clients):
    """times: microseconds for each find and touch, one a round. size: bytes a client."""
    row = [f"{clients:,} clients", f"{median(times):.3f}", f"{min(times):.3f}..{max(times):.3f}", f"{size:.1f}"]
    return table(["client table alone", "us to find and touch", "min..max", "bytes a client"], [row])


class Bar:
    """What was promised, and what was measured. value None: not measured in this run."""

    def __init__(self, title, value, limit, unit="", at_least=False):
        self.title, self.value, self.limit, self.unit, self.at_least = title, value, limit, unit, at_least

    def missed(self):
        if self.value is None:
            return False
        return self.value < self.limit if self.at_least else self.value > self.limit

    def row(self):
        limit = f"{'>=' if self.at_least else '<='} {self.limit:g}{self.unit}"
        if self.value is None:
            return [self.title, "not measured", limit, "-"]
        return [self.title, f"{self.value:.2f}{self.unit}", limit, "MISS" if self.missed() else "pass"]


def ratio(samples):
    """Norm of holdfast / norm of the base, or None."""
    if SUBJECT not in samples or BASE not in samples:
        return None
    return median(one.norm for one in samples[SUBJECT]) / median(one.norm for one in samples[BASE])


def log_cost(samples):
    """Percent that the access log adds to the norm, and of requests for a second of CPU that it takes: medians over the
    rounds. None: the two were not measured."""
    if SUBJECT not in samples or UNLOGGED not in samples:
        return None
    pairs = list(zip(samples[SUBJECT], samples[UNLOGGED]))
    norm = median(100 * (a.norm / b.norm - 1) for a, b in pairs)
    rate = median(100 * (1 - a.per_cpu_second / b.per_cpu_second) for a, b in pairs)
    return norm, rate


def log_line(cost):
    return f"the access log: norm {cost[0]:+.1f} %, requests per CPU second {-cost[1]:+.1f} %"


def bars_table(bars):
    return table(["bar", "measured", "limit", ""], [bar.row() for bar in bars])
