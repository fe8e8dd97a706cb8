"""Months planned by the product, by OR-tools' min-cost flow and by HiGHS: all plans are worth the same.

    judge.py           FOURCAST names the built program, MONTHS a folder for the months

The product plans and writes down each month; the script of `fourcast bench planner --beside` solves
it with the other two, each in a process of its own. Says PASS or FAIL of each plan.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

SOLVER = Path(__file__).parents[3] / "crates/fourcast/src/bench/planner/beside.py"
MONTHS = Path(os.environ["MONTHS"])
KINDS = ("uniform", "class", "personal")
# Followers, options, who judges: HiGHS takes minutes where every follower is one of 100,000.
SIZES = (
    (100_000, (), ("or-tools",)),
    (100_000, ("--strained",), ("or-tools",)),
    (10_000, (), ("or-tools", "highs")),
    (10_000, ("--strained",), ("or-tools", "highs")),
    (10_000, ("--month", "running"), ("or-tools", "highs")),
    (10_000, ("--campaigns", "200", "--reach", "12"), ("or-tools", "highs")),
)

failed = 0
for number, (followers, options, systems) in enumerate(SIZES):
    folder = MONTHS / str(number)
    subprocess.run(
        [os.environ["FOURCAST"], "bench", "planner", "--followers", str(followers), "--rounds", "1",
         "--write", str(folder), "--json", *options],
        check=True, stdout=subprocess.DEVNULL)
    for kind in KINDS:
        ours = json.loads((folder / kind / "plan.json").read_text())["value"]
        for system in systems:
            told = subprocess.run([sys.executable, str(SOLVER), str(folder / kind), system],
                                  check=True, capture_output=True, text=True).stdout
            theirs = json.loads(told)["value"]
            name = " ".join((f"{followers} followers", kind, *options, system))
            good = theirs == ours
            failed += not good
            verdict = f"PASS {name}" if good else f"FAIL {name}: {theirs}, ours {ours}"
            print(verdict, flush=True)
sys.exit(failed > 0)
