"""Holds a folder for neo4j-admin's bulk import to the grammar of its headers and to its own ids.

usage: check_neo4j.py FOLDER

DuckDB reads every file that import.sh names.  Headers must keep to the grammar of the Neo4j Operations
Manual ("Neo4j-admin import"), values to the types they state, ids must be unique within their space, and
both ends of every relationship must be ids of the spaces named.  Prints {"nodes": {space: n},
"edges": {type: n}, "labels": {label: n}} as JSON.
"""

import collections
import json
import pathlib
import re
import sys

import duckdb

TYPES = {"long": "BIGINT", "double": "DOUBLE", "localdatetime": "TIMESTAMP", "string": "VARCHAR"}
NODE = re.compile(r"^(?:\w+:ID\((\w+)\)|:LABEL|\w+:(?:long|double|string|localdatetime))$")
EDGE = re.compile(r"^(?::START_ID\((\w+)\)|:END_ID\((\w+)\)|:TYPE|\w+:(?:long|double|string|localdatetime))$")


def header(path: pathlib.Path, grammar: re.Pattern) -> list[str]:
    with path.open(encoding="utf-8") as file:
        fields = file.readline().rstrip("\n").split(",")
    for field in fields:
        if not grammar.match(field):
            sys.exit(f"{path}: header field {field!r} is not of the grammar")
    if len(set(fields)) != len(fields):
        sys.exit(f"{path}: a header field is stated twice")
    return fields


def load(database: duckdb.DuckDBPyConnection, table: str, path: pathlib.Path, fields: list[str]) -> None:
    columns = {f"c{place}": "VARCHAR" for place in range(len(fields))}
    database.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM read_csv(?, header=true, columns=?, delim=',', quote='\"',"
        " escape='\"', auto_detect=false, strict_mode=true, all_varchar=true)",
        [str(path), columns],
    )
    for place, field in enumerate(fields):
        kind = field.rsplit(":", 1)[1]
        if kind in TYPES:
            bad = database.execute(
                f"SELECT count(*) FROM {table} WHERE c{place} IS NOT NULL AND c{place} <> ''"
                f" AND TRY_CAST(c{place} AS {TYPES[kind]}) IS NULL"
            ).fetchone()[0]
            if bad:
                sys.exit(f"{path}: {bad} values of {field} are no {kind}")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    script = (folder / "import.sh").read_text(encoding="utf-8")
    named = re.findall(r"--(nodes|relationships)=(\S+?\.csv)", script)
    present = {str(path.relative_to(folder)) for path in folder.rglob("*.csv")}
    if {path for _, path in named} != present:
        sys.exit("import.sh does not name just the files that are there")
    database = duckdb.connect()
    nodes, edges, labels = {}, collections.Counter(), collections.Counter()
    for _, path in (entry for entry in named if entry[0] == "nodes"):
        fields = header(folder / path, NODE)
        ids = [place for place, field in enumerate(fields) if ":ID(" in field]
        if len(ids) != 1 or fields.count(":LABEL") != 1:
            sys.exit(f"{path}: permitted: one :ID and one :LABEL")
        space = NODE.match(fields[ids[0]]).group(1)
        load(database, f"space_{space}", folder / path, fields)
        count, distinct = database.execute(
            f"SELECT count(*), count(DISTINCT c{ids[0]}) FROM space_{space}"
        ).fetchone()
        if count != distinct:
            sys.exit(f"{path}: {count - distinct} ids are not unique")
        database.execute(f"CREATE TABLE ids_{space} AS SELECT c{ids[0]} AS id FROM space_{space}")
        nodes[space] = count
        place = fields.index(":LABEL")
        for text, own in database.execute(
            f"SELECT c{place}, count(*) FROM space_{space} GROUP BY 1"
        ).fetchall():
            for label in text.split(";"):
                labels[label] += own
    for _, path in (entry for entry in named if entry[0] == "relationships"):
        fields = header(folder / path, EDGE)
        load(database, "relationship", folder / path, fields)
        for end in (":START_ID", ":END_ID"):
            places = [place for place, field in enumerate(fields) if field.startswith(end)]
            if len(places) != 1:
                sys.exit(f"{path}: permitted: one {end}")
            space = re.search(r"\((\w+)\)", fields[places[0]]).group(1)
            lost = database.execute(
                f"SELECT count(*) FROM relationship WHERE c{places[0]} NOT IN (SELECT id FROM ids_{space})"
            ).fetchone()[0]
            if lost:
                sys.exit(f"{path}: {lost} ends are no id of {space}")
        place = fields.index(":TYPE")
        for kind, own in database.execute(
            f"SELECT c{place}, count(*) FROM relationship GROUP BY 1"
        ).fetchall():
            edges[kind] += own
    report = {"nodes": nodes, "edges": dict(sorted(edges.items())), "labels": dict(sorted(labels.items()))}
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
