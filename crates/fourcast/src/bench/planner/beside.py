"""A month of `fourcast bench planner` planned by another system: beside.py FOLDER SYSTEM

FOLDER holds the month as columns of little-endian numbers: followers who are alike are one group of
`n` with `q` places each; group `j` of a pair may get campaign `c`, worth `v`; a campaign has a
`least` and a `most`. SYSTEM is or-tools (min-cost flow) or highs (linear programming). Prints one
JSON object: what the best plan is worth, and the seconds of the solver alone.
"""
import json
import os
import resource
import sys
import time
from importlib.metadata import version

import numpy

folder, system = sys.argv[1], sys.argv[2]
UNLIMITED = numpy.iinfo(numpy.int64).max

def column(name, kind):
    return numpy.fromfile(os.path.join(folder, name), kind)

group, campaign = column("j.u32", "u4").astype("i8"), column("c.u8", "u1").astype("i8")
worth = column("v.i16", "i2").astype("i8")
places, size = column("q.u8", "u1").astype("i8"), column("n.u32", "u4").astype("i8")
least, most = column("least.i64", "i8"), column("most.i64", "i8")
groups, campaigns = len(size), len(most)
room = places * size
most = numpy.minimum(most, int(size.sum()))

def or_tools():
    from ortools.graph.python import min_cost_flow

    source, sink = groups + campaigns, groups + campaigns + 1
    flow = min_cost_flow.SimpleMinCostFlow()

    def arcs(tail, head, capacity, cost):
        kinds = zip((tail, head, capacity, cost), ("i4", "i4", "i8", "i8"))
        return flow.add_arcs_with_capacity_and_unit_cost(
            *(numpy.ascontiguousarray(values, kind) for values, kind in kinds))

    every, nothing = numpy.arange(groups), numpy.zeros(max(groups, campaigns), "i8")
    # What a recipient towards the least brings, more than any worth: leasts are met first.
    bonus = 10 * int(numpy.abs(worth).max(initial=1))
    arcs(numpy.full(groups, source), every, room, nothing[:groups])
    pairs = arcs(group, groups + campaign, size[group], -worth)
    arcs(every, numpy.full(groups, sink), room, nothing[:groups])
    ends = numpy.full(campaigns, sink)
    needed = arcs(groups + numpy.arange(campaigns), ends, least, numpy.full(campaigns, -bonus))
    arcs(groups + numpy.arange(campaigns), ends, most - least, nothing[:campaigns])
    flow.set_nodes_supplies([source, sink], [int(room.sum()), -int(room.sum())])
    start = time.perf_counter()
    status = flow.solve()
    seconds = time.perf_counter() - start
    if status != flow.OPTIMAL or (flow.flows(needed) < least).any():
        return None, seconds
    return int((flow.flows(pairs) * worth).sum()), seconds

def highs():
    import highspy

    limited = numpy.arange(campaigns)
    order = numpy.argsort(group, kind="stable")
    solver = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 2),
                        ("time_limit", float(os.environ.get("TIME_LIMIT", "600")))):
        solver.setOptionValue(name, value)
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = len(worth), groups + campaigns
    problem.col_cost_ = -worth[order].astype(float)
    problem.col_lower_ = numpy.zeros(len(worth))
    problem.col_upper_ = size[group[order]].astype(float)
    problem.row_lower_ = numpy.concatenate([numpy.zeros(groups), least[limited]]).astype(float)
    problem.row_upper_ = numpy.concatenate([room, most[limited]]).astype(float)
    matrix = problem.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = numpy.arange(0, 2 * len(worth) + 1, 2, dtype="i4")
    rows = numpy.stack([group[order], groups + campaign[order]], axis=1)
    matrix.index_ = rows.ravel().astype("i4")
    matrix.value_ = numpy.ones(2 * len(worth))
    start = time.perf_counter()
    solver.passModel(problem)
    solver.run()
    seconds = time.perf_counter() - start
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None, seconds
    # All corners of this problem are whole: only rounding can be off.
    return round(-solver.getInfo().objective_function_value), seconds

solve, package = {"or-tools": (or_tools, "ortools"), "highs": (highs, "highspy")}[system]
value, seconds = solve()
print(json.dumps({
    "system": f"{system} {version(package)}",
    "value": value,
    "seconds": seconds,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
}), flush=True)
