"""Writes random hypergraphs with XGI's and HyperNetX's own HIF writers, and a partition of each.

Usage: make_hypergraphs.py FOLDER. Prints {"nodes": {file: number of nodes}}.
"""

import json
import random
import sys
from pathlib import Path

import hypernetx
import xgi
from hif_schema import give_to_hypernetx

give_to_hypernetx()
folder = Path(sys.argv[1])
generator = random.Random(20261122)


def sets(nodes, sizes, count):
    return [sorted(generator.sample(range(nodes), generator.choice(sizes))) for _ in range(count)]


counts = {}


def write_partition(name, nodes):
    counts[name] = len(nodes)
    rows = [f"{node},{generator.randrange(3)}" for node in nodes]
    (folder / f"{name}.parts.csv").write_text("node,part\n" + "\n".join(rows) + "\n")


def by_xgi(name, hypergraph):
    xgi.write_hif(hypergraph, str(folder / f"{name}.json"))
    write_partition(name, hypergraph.nodes)


for name, nodes, sizes, count in [
    ("triples", 30, [3], 80),
    ("quadruples", 25, [4], 60),
    ("pairs", 25, [2], 70),
    ("mixed", 40, [2, 3, 4, 5, 6], 90),
    ("singletons", 30, [1, 2, 3], 90),
    ("large", 40, [2, 9, 14], 40),
    ("parts", 60, [2, 3], 30),
]:
    hypergraph = xgi.Hypergraph()
    hypergraph.add_nodes_from(range(nodes) if name == "parts" else [])
    hypergraph.add_edges_from(sets(nodes, sizes, count))
    hypergraph["name"] = name
    by_xgi(name, hypergraph)

arcs = xgi.DiHypergraph()
for _ in range(40):
    tail, head = sets(20, [1, 2, 3], 2)
    arcs.add_edge((tail, head), kind="random")
by_xgi("directed", arcs)

one = xgi.Hypergraph()
one.add_node("only")
by_xgi("one", one)

# Whole numbers as weights: HyperNetX's modularity truncates others. Names whose order as text is the order of
# the file: it pairs the members of hyperedges in the one order with weights in the other.
members = {f"e{place:03}": [f"n{node}" for node in nodes] for place, nodes in enumerate(sets(30, [2, 3, 5], 60))}
weights = {edge: {"weight": generator.randint(1, 5)} for edge in members}
weighted = hypernetx.Hypergraph(members, edge_properties=weights)
hypernetx.to_hif(weighted, filename=str(folder / "weighted.json"))
write_partition("weighted", weighted.nodes)

print(json.dumps({"nodes": counts}))
