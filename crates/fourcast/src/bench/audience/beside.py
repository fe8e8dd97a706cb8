"""The questions of `fourcast bench audience` on another system: beside.py FOLDER SYSTEM FROM

FOLDER holds columns of little-endian numbers; FROM is the first second of the window. Two threads
each, data in memory or warm; the median of several runs; one JSON object a line.
"""
import json
import os
import statistics
import sys
import time

import numpy

folder, system, since = sys.argv[1], sys.argv[2], int(sys.argv[3])
ANY, MORE, NONE, ONE = (0, 1, 2), (13, 14, 15), (17, 18), (16, 19)
TAGS = sorted(ANY + MORE + NONE + ONE)

def column(name, kind):
    return numpy.fromfile(os.path.join(folder, name), kind)

def bits(tags):
    return sum(1 << tag for tag in tags)

def told(name, what, run, times=7):
    taken, answer = [], None
    for _ in range(times):
        start = time.perf_counter()
        answer = run()
        taken.append((time.perf_counter() - start) * 1e3)
    line = {"system": name, "what": what, "ms": statistics.median(taken), "answer": int(answer)}
    print(json.dumps(line), flush=True)

def either(tags, form):
    return "(" + " OR ".join(form(tag) for tag in tags) + ")"

def columns(form):
    none = " AND ".join("NOT " + form(tag) for tag in NONE)
    return f"{either(ANY, form)} AND {either(MORE, form)} AND {none} AND {either(ONE, form)}"

def packed(meet):
    return (f"{meet(bits(ANY))} <> 0 AND {meet(bits(MORE))} <> 0 AND {meet(bits(NONE))} = 0 "
            f"AND {meet(bits(ONE))} <> 0")

def window(table):
    return (f"SELECT count(*) FROM (SELECT who FROM {table} WHERE moment >= {since} GROUP BY who "
            "HAVING count(*) >= 2 AND sum(cents) >= 50000) AS t")

def duckdb_run():
    import duckdb
    name = f"DuckDB {duckdb.__version__}"
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    tags, used = column("tags.u64", "<u8").astype("i8"), column("used.u8", "u1")
    flags = ", ".join(f"((tags >> {tag}) & 1)::BOOLEAN AS t{tag}" for tag in range(40))
    frame = {"tags": tags, "used": used}
    connection.execute(f"CREATE TABLE f AS SELECT tags, used, {flags} FROM frame")
    del frame, tags, used

    def one(query):
        return connection.execute(query).fetchone()[0]

    plain, mask = columns("t{}".format), packed("(tags & {})".format)
    told(name, "ten tags: boolean columns", lambda: one(f"SELECT count(*) FROM f WHERE {plain}"))
    told(name, "ten tags: packed", lambda: one(f"SELECT count(*) FROM f WHERE {mask}"))
    told(name, "eligible: packed", lambda: one(f"SELECT count(*) FROM f WHERE {mask} AND used < 4"))
    frame = {"who": column("who.u32", "<u4"), "moment": column("at.u32", "<u4"),
             "cents": column("cents.i32", "<i4")}
    connection.execute("CREATE TABLE e AS SELECT * FROM frame")
    del frame
    told(name, "window: group by", lambda: one(window("e")), 3)

def chdb_run():
    import chdb
    import chdb.session
    home = os.path.join(folder, "chdb")
    session = chdb.session.Session(home)

    def one(query):
        return str(session.query(query + " SETTINGS max_threads = 2", "CSV")).strip()

    name = "ClickHouse " + one("SELECT version()").strip('"') + " (chdb)"
    session.query("CREATE DATABASE b")
    flags = ", ".join(f"t{tag} UInt8" for tag in TAGS)
    session.query(f"CREATE TABLE b.f (id UInt32, tags UInt64, used UInt8, {flags}) "
                  "ENGINE = MergeTree ORDER BY id")

    drawn = ", ".join(f"bitTest(tags, {tag})" for tag in TAGS)
    rows_file = os.path.join(folder, "f.bin")
    tags, used = column("tags.u64", "<u8"), column("used.u8", "u1")
    rows = numpy.zeros(len(tags), dtype=[("id", "<u4"), ("tags", "<u8"), ("used", "u1")])
    rows["id"], rows["tags"], rows["used"] = numpy.arange(len(tags), dtype="u4"), tags, used
    rows.tofile(rows_file)
    session.query(f"INSERT INTO b.f SELECT id, tags, used, {drawn} FROM "
                  f"file('{rows_file}', 'RowBinary', 'id UInt32, tags UInt64, used UInt8')")
    os.remove(rows_file)
    session.query("OPTIMIZE TABLE b.f FINAL")
    session.query("CREATE TABLE b.m (tag UInt8, b AggregateFunction(groupBitmap, UInt32)) "
                  "ENGINE = MergeTree ORDER BY tag")
    for tag in TAGS:
        session.query(f"INSERT INTO b.m SELECT {tag}, groupBitmapState(id) FROM b.f WHERE t{tag} = 1")

    def merged(tags):
        return f"(SELECT groupBitmapMergeState(b) FROM b.m WHERE tag IN {tuple(tags)})"

    bitmap = (f"SELECT bitmapAndnotCardinality(bitmapAnd(bitmapAnd({merged(ANY)}, {merged(MORE)}), "
              f"{merged(ONE)}), {merged(NONE)})")
    told(name, "ten tags: groupBitmap", lambda: one(bitmap))
    plain, mask = columns("t{}".format), packed("bitAnd(tags, {})".format)
    told(name, "ten tags: UInt8 columns", lambda: one(f"SELECT count() FROM b.f WHERE {plain}"))
    told(name, "eligible: packed", lambda: one(f"SELECT count() FROM b.f WHERE {mask} AND used < 4"))
    session.query("CREATE TABLE b.e (who UInt32, moment UInt32, cents Int32) ENGINE = MergeTree ORDER BY who")
    rows_file = os.path.join(folder, "e.bin")
    who, at, cents = column("who.u32", "<u4"), column("at.u32", "<u4"), column("cents.i32", "<i4")
    rows = numpy.zeros(len(who), dtype=[("who", "<u4"), ("at", "<u4"), ("cents", "<i4")])
    rows["who"], rows["at"], rows["cents"] = who, at, cents
    del who, at, cents
    rows.tofile(rows_file)
    del rows
    session.query(f"INSERT INTO b.e SELECT * FROM file('{rows_file}', 'RowBinary', "
                  "'who UInt32, moment UInt32, cents Int32')")
    os.remove(rows_file)
    session.query("OPTIMIZE TABLE b.e FINAL")
    told(name, "window: group by", lambda: one(window("b.e")), 3)

def sqlite_run():
    import sqlite3
    name = f"SQLite {sqlite3.sqlite_version}"
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE f (tags INTEGER, used INTEGER)")
    tags, used = column("tags.u64", "<u8").tolist(), column("used.u8", "u1").tolist()
    connection.executemany("INSERT INTO f VALUES (?, ?)", zip(tags, used))
    del tags, used

    def one(query):
        return connection.execute(query).fetchone()[0]

    mask = packed("(tags & {})".format)
    told(name, "ten tags: packed", lambda: one(f"SELECT count(*) FROM f WHERE {mask}"), 3)
    told(name, "eligible: packed", lambda: one(f"SELECT count(*) FROM f WHERE {mask} AND used < 4"), 3)
    orders = os.path.getsize(os.path.join(folder, "who.u32")) // 4
    if orders > 20_000_000:
        print(json.dumps({"system": name, "what": "window: too many orders to load", "ms": None,
                          "answer": None}), flush=True)
        return
    connection.execute("CREATE TABLE e (who INTEGER, moment INTEGER, cents INTEGER)")
    rows = zip(column("who.u32", "<u4").tolist(), column("at.u32", "<u4").tolist(),
               column("cents.i32", "<i4").tolist())
    connection.executemany("INSERT INTO e VALUES (?, ?, ?)", rows)
    told(name, "window: group by", lambda: one(window("e")), 3)

{"duckdb": duckdb_run, "chdb": chdb_run, "sqlite": sqlite_run}[system]()
