"""Reads a GEXF file with NetworkX and counts what it holds.

usage: check_gexf.py FILE.gexf

Prints {"nodes": n, "edges": n, "directed": bool, "mode": text, "labels": {sort: n}, "types": {type: n},
"begun": n, "times": n} as JSON; `begun` counts nodes and edges with a start, `times` those with a known
time.  Every start must be the day of the known time.
"""

import collections
import json
import sys

import networkx


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    graph = networkx.read_gexf(sys.argv[1], version="1.3")
    graph = networkx.MultiDiGraph(graph)
    elements = [node for _, node in graph.nodes(data=True)]
    elements += [edge for _, _, edge in graph.edges(data=True)]
    for element in elements:
        if element.get("start") != (element.get("known") or "").split("T")[0] and "start" in element:
            sys.exit(f"start {element['start']} is not the day of {element.get('known')}")
    report = {
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
        "directed": graph.is_directed(),
        "mode": graph.graph.get("mode"),
        "labels": dict(sorted(collections.Counter(node["sort"] for _, node in graph.nodes(data=True)).items())),
        "types": dict(sorted(collections.Counter(edge["type"] for _, _, edge in graph.edges(data=True)).items())),
        "begun": sum("start" in element for element in elements),
        "times": sum("known" in element for element in elements),
    }
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
