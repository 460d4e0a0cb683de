"""How fast the compiler is and how its time grows: python benchmarks/bench_compile.py [LARGEST_MB]"""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gongkai.compiler import compile_text

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"
SECTION = "{section}、推进第{number}方面信息公开\n\n"
ITEM = (
    "{number}．做好第{number}类项目的信息公开，每季度更新一次进展，6月30日前完成目录编制，公开率不低于90%。"
    "对群众来信，应当在收到之日起20个工作日内答复，并按照《云溪区政务公开办法》（云政办发〔2024〕{number}号）归档。"
    "（牵头单位：区政府办公室；责任单位：区发展改革局、区财政局、各街道（镇）；配合单位：区融媒体中心）\n\n"
)
NUMERALS = "一二三四五六七八九十"


def notice_of(size: int) -> str:
    """An invented notice of about `size` bytes in UTF-8."""
    parts = ["云溪区2024年政务公开工作要点\n\n"]
    length, number = 0, 0
    while length < size:
        number += 1
        if number % 8 == 1:
            parts.append(SECTION.format(section=NUMERALS[number // 8 % 10], number=number))
        parts.append(ITEM.format(number=number))
        length += len(parts[-1].encode())
    return "".join(parts)


def seconds(text: str, rounds: int) -> float:
    """Least CPU time of compiling `text`."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        compile_text(text)
        best = min(best, time.process_time() - start)
    return best


def growth(largest: int) -> None:
    """CPU time from 10 kB upwards, each size twice the one before."""
    compile_text(notice_of(10_000))
    print(f"{'size':>10}  {'characters':>11}  {'CPU s':>8}  {'ratio':>6}  {'MB/s':>6}")
    size, previous = 10_000, 0.0
    while True:
        text = notice_of(size)
        took = seconds(text, 5 if size < 700_000 else 2)
        ratio = f"{took / previous:6.2f}" if previous else "     -"
        print(f"{size / 1000:>8.0f}kB  {len(text):>11,}  {took:>8.3f}  {ratio}  {size / 1e6 / took:>6.2f}", flush=True)
        if size >= largest:
            break
        size, previous = min(size * 2, largest) if size * 2 > largest * 0.75 else size * 2, took


def seeds() -> None:
    """CPU time of the longest real notice, and the whole process on it."""
    files = sorted(SEEDS.glob("*.txt"), key=lambda path: path.stat().st_size) if SEEDS.is_dir() else []
    with tempfile.TemporaryDirectory() as folder:
        if files:
            longest = files[-1]
            print(
                f"\nlongest seed {longest.name}: {seconds(longest.read_text(encoding='utf-8'), 5):.3f} s CPU (limit 0.25)"
            )
        else:
            longest = Path(folder) / "notice.txt"
            longest.write_text(notice_of(30_000), encoding="utf-8")
        code = "import sys; from gongkai.compiler.command import run; sys.exit(run(sys.argv[1:]))"
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code, str(longest)], stdout=subprocess.DEVNULL, check=False)
            times.append(time.perf_counter() - start)
        print(f"whole process on {longest.name}: {min(times):.3f} s wall (limit 1.0)")


if __name__ == "__main__":
    growth(int(float(sys.argv[1]) * 1_000_000) if len(sys.argv) > 1 else 10_000_000)
    seeds()
