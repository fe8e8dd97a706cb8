"""The grid of recency, frequency and money, calculated with pandas from the orders alone.

    judge.py orders    writes orders.txt anew: the same seed, the same orders
    judge.py grid      writes grid.json anew
    judge.py judge     says PASS or FAIL of each grid of the grid.json beside it

Shares nothing with the product: it reads the file, groups, cuts and counts. The scenario
`rfm_is_what_pandas_calculates` imports the same orders and compares its grid with grid.json.
"""

import json
import random
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
SEED = 20260302
CUSTOMERS = 900
# 1 March 2026, 12:00 in China: when the scenario asks.
NOW = pd.Timestamp("2026-03-01 12:00")
# Of each: the days whose orders count, days since the last, orders, yuan.
QUESTIONS = [
    {"days": 400, "recency": [30, 90, 180], "frequency": [2, 5], "money": [100, 500]},
    {"days": 90, "recency": [7, 30], "frequency": [2, 3, 4], "money": [50, 200, 1000]},
    {"days": 3650, "recency": [365], "frequency": [], "money": [250]},
]


def orders(path):
    """Customer, day, pieces, amount: columns as CDNOW's, separated by spaces."""
    rows = [line.split() for line in path.read_text().splitlines()[1:] if line.strip()]
    frame = pd.DataFrame(rows, columns=["customer", "day", "pieces", "amount"])
    frame["at"] = pd.to_datetime(frame["day"], format="%Y%m%d")
    whole = frame["amount"].str.split(".", expand=True)
    frame["cents"] = whole[0].astype("int64") * 100 + whole[1].astype("int64")
    return frame


def grid(frame, question):
    """Rows of recency, frequency, money and people; bands from 1, the best highest."""
    since = NOW - pd.Timedelta(days=question["days"])
    known = frame[frame["at"] <= NOW]
    counted = known[known["at"] >= since]
    people = counted.groupby("customer").agg(count=("cents", "size"), cents=("cents", "sum"))
    people["last"] = known.groupby("customer")["at"].max()
    people["age"] = NOW - people["last"]

    def band(values, cuts, right):
        edges = [values.min() - 2 * abs(values.min()) - 1, *cuts, values.max() + abs(values.max()) + 1]
        return pd.cut(values, edges, right=right, labels=False).astype("int64")

    seconds = people["age"].dt.total_seconds().astype("int64")
    ages = band(seconds, [cut * 86_400 for cut in question["recency"]], True)
    people["recency"] = len(question["recency"]) + 1 - ages
    people["frequency"] = band(people["count"], question["frequency"], False) + 1
    people["money"] = band(people["cents"], [cut * 100 for cut in question["money"]], False) + 1
    cells = people.groupby(["recency", "frequency", "money"]).size()
    return [[*map(int, cell), int(count)] for cell, count in cells.items()]


def answers(frame):
    return [{"question": question, "cells": grid(frame, question)} for question in QUESTIONS]


def make(path):
    draw = random.Random(SEED)
    lines = ["customer day pieces yuan"]
    for customer in range(1, CUSTOMERS + 1):
        habit, purse = draw.expovariate(1 / 120), draw.lognormvariate(4.5, 1)
        at, most = NOW.normalize() - pd.Timedelta(days=draw.randrange(0, 600)), draw.choice([1, 1, 2, 4, 9, 30])
        for _ in range(most):
            if at > NOW + pd.Timedelta(days=1):
                break
            cents = 0 if draw.random() < 0.01 else int(purse * draw.uniform(20, 300))
            lines.append(f"{customer:05} {at:%Y%m%d} {draw.randint(1, 6)} {cents // 100}.{cents % 100:02}")
            # Some buy twice a day. What lies after now must not count; more than a day after it
            # would be refused.
            at += pd.Timedelta(days=int(draw.expovariate(1 / (habit + 1))))
    path.write_text("\n".join(lines) + "\n")


def judge():
    failed = 0
    kept = json.loads((HERE / "grid.json").read_text())
    for number, (mine, theirs) in enumerate(zip(answers(orders(HERE / "orders.txt")), kept, strict=True), 1):
        same = mine == theirs
        failed += not same
        print(f"{'PASS' if same else 'FAIL'} grid {number} of the orders kept here", flush=True)
    return failed


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "judge"
    if what == "orders":
        make(HERE / "orders.txt")
    elif what == "grid":
        cells = json.dumps(answers(orders(HERE / "orders.txt")), separators=(",", ":"))
        (HERE / "grid.json").write_text(cells.replace('},{"question', '},\n{"question') + "\n")
    else:
        sys.exit(1 if judge() else 0)


main()
