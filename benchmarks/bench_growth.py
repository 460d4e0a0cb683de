"""Whether the pure floors stay linear: CPU time at one size and at four or eight times that, python benchmarks/bench_growth.py

A ratio above the growth of the input times 1.6 is a miss.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable

from gongkai.compiler import compile_text
from gongkai.ledger import matching
from gongkai.ledger.matching import UnitRow
from gongkai.publications import body
from gongkai.screening import RecordFields, aggregation_risks, extract, screen, screen_text

DUTY = "{0}.做好第{0}项公开，每季度更新，6月30日前完成，公开率不低于90%。（牵头单位：区政府办公室；责任单位：各街道、镇）\n"
LINE = "各乡镇人民政府，区政府各部门：现将2026年补贴名单公布如下，联系电话0797-6123456，金额1234.56元。\n"


def compiled(size: int) -> Callable[[], object]:
    """A notice of `size` hundred duties."""
    text = "".join(DUTY.format(number) for number in range(size * 100))
    return lambda: compile_text(text)


def screened(size: int) -> Callable[[], object]:
    """`size` times 50 kB of text."""
    parts = extract((LINE * (size * 50_000 // len(LINE.encode()))).encode(), "a.txt")
    return lambda: screen(parts)


def digits(size: int) -> Callable[[], object]:
    """A run of digits, on which careless patterns explode."""
    text = "1" * (size * 20_000)
    return lambda: screen_text(text, today=dt.date(2026, 5, 20))


def gathered(size: int) -> Callable[[], object]:
    """`size` thousand records of lists that are harmless alone."""
    rows = [
        RecordFields(
            f"{n}", f"名单{n % 5}", {"name": f"李{chr(0x4E00 + n // 5 % 4000)}", "place": f"{n // 5 % 50}村"}, "c"
        )
        for n in range(size * 1000)
    ]
    return lambda: aggregation_risks(rows[: size * 100], rows[size * 100 :])


def compared(size: int) -> Callable[[], object]:
    """Two texts of `size` times 250 paragraphs, one in fifty changed."""
    old = "".join(f"<p>第{n}段原来的内容，编号{n * 7}。</p>" for n in range(size * 250))
    new = "".join(f"<p>第{n}段原来的内容，编号{n * 7 + (n % 50 == 0)}。</p>" for n in range(size * 250))
    return lambda: body.compare(old, new)


def matched(size: int) -> Callable[[], object]:
    """`size` hundred names of units, half of them unknown."""
    units = [UnitRow(number, f"云溪区第{number}实验学校", f"第{number}学校") for number in range(1, 400)]
    index = matching.build(units, [])
    names = [f"第{number % 500}实验学校" if number % 2 else f"没有的{number}单位" for number in range(size * 100)]
    return lambda: matching.match_list(names, index)


def cpu(work: Callable[[], object]) -> float:
    """The least CPU time of three runs, in seconds."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def main() -> int:
    """Print the table; 1 when something grows faster than its input."""
    missed = []
    print(f"{'':<12}{'small s':>10}{'large s':>10}{'ratio':>8}{'input':>8}")
    for name, make, small, large in (
        ("compile", compiled, 4, 16),
        ("screen", screened, 4, 20),
        ("digits", digits, 1, 8),
        ("aggregation", gathered, 4, 40),
        ("compare", compared, 4, 16),
        ("matching", matched, 2, 10),
    ):
        first, second = cpu(make(small)), cpu(make(large))
        growth = large / small
        print(f"{name:<12}{first:>10.3f}{second:>10.3f}{second / first:>8.2f}{growth:>8.1f}", flush=True)
        if second / first > growth * 1.6:
            missed.append(name)
    if missed:
        print(f"Grows faster than its input: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
