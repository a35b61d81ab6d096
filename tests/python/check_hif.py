"""Reads a HIF file with XGI and HyperNetX and compares what they hold.

usage: check_hif.py FILE.json

Prints {"nodes": n, "edges": n, "incidences": n, "kinds": {kind: n}, "largest": n, "events": n} as JSON,
counted by XGI; `events` is the sum of the incidences' weights.  HyperNetX must find the same, and the
file must keep to the HIF schema, written out below because HyperNetX fetches it from the network.
"""

import collections
import json
import sys
import types

import hypernetx
import hypernetx.hif
import jsonschema
import xgi

NAME = {"type": ["string", "integer"]}
ATTRIBUTES = {"weight": {"type": "number"}, "attrs": {"type": "object"}}


def record(required: list[str], **more: dict) -> dict:
    properties = {name: NAME for name in required} | ATTRIBUTES | more
    return {
        "type": "array",
        "items": {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
    }


SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "network-type": {"enum": ["undirected", "directed", "asc"]},
        "metadata": {"type": "object"},
        "incidences": record(["edge", "node"], direction={"enum": ["head", "tail"]}),
        "nodes": record(["node"]),
        "edges": record(["edge"]),
    },
    "required": ["incidences"],
    "additionalProperties": False,
}


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    jsonschema.validate(raw, SCHEMA)
    graph = xgi.read_hif(path)
    hypernetx.hif.requests = types.SimpleNamespace(
        get=lambda _url: types.SimpleNamespace(text=json.dumps(SCHEMA))
    )
    other = hypernetx.from_hif(filename=path)
    sizes = {str(edge): len(graph.edges.members(edge)) for edge in graph.edges}
    other_sizes = {str(edge): len(other.edges[edge]) for edge in other.edges}
    if sizes != other_sizes:
        sys.exit("XGI and HyperNetX read different hyperedges")
    if sum(sizes.values()) != len(raw["incidences"]):
        sys.exit("an incidence is stated twice")
    if {str(node) for node in graph.nodes} != {str(node) for node in other.nodes}:
        sys.exit("XGI and HyperNetX read different nodes")
    report = {
        "nodes": graph.num_nodes,
        "edges": graph.num_edges,
        "incidences": len(raw["incidences"]),
        "kinds": dict(sorted(collections.Counter(graph.edges.attrs("kind").aslist()).items())),
        "largest": max(sizes.values()),
        "events": sum(incidence["weight"] for incidence in raw["incidences"]),
    }
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
