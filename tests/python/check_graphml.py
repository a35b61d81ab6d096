"""Reads a GraphML file with NetworkX and counts what it holds.

usage: check_graphml.py FILE.graphml

Prints {"nodes": n, "edges": n, "directed": bool, "labels": {label: n}, "types": {type: n},
"properties": {name: type}} as JSON; `properties` has the type of each node property's values.
"""

import collections
import json
import sys

import networkx


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    graph = networkx.read_graphml(sys.argv[1], force_multigraph=True)
    labels = collections.Counter(node["label"] for _, node in graph.nodes(data=True))
    types = collections.Counter(kind for _, _, kind in graph.edges(data="type"))
    properties = {
        name: type(value).__name__ for _, node in graph.nodes(data=True) for name, value in node.items()
    }
    report = {
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
        "directed": graph.is_directed(),
        "labels": dict(sorted(labels.items())),
        "types": dict(sorted(types.items())),
        "properties": dict(sorted(properties.items())),
    }
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
