"""Known graphs and what other programs make of them, or a network's own figures measured again.

usage: check_network.py graphs
       check_network.py network FILE.graphml

`graphs` prints {name: {"nodes": n, "edges": [[i, j, weight]], "modularity": m, "constant_potts": q}}: the
best of 20 runs of igraph's Leiden algorithm, modularity at resolution 1 and the constant Potts model at
resolution 0.1. `network` reads a network with NetworkX and prints, by condition, its degree, weighted
betweenness and closeness along `length`, and the modularity of its communities and of igraph's by `weight`.
"""

import json
import random
import sys

import igraph
import networkx


def numbered(graph: networkx.Graph) -> networkx.Graph:
    return networkx.convert_node_labels_to_integers(graph)


def leiden(graph: igraph.Graph, objective: str, resolution: float) -> igraph.VertexClustering:
    runs = []
    for seed in range(20):
        random.seed(seed)
        found = graph.community_leiden(
            objective, weights="weight", resolution=resolution, n_iterations=-1
        )
        runs.append((quality(graph, found.membership, objective, resolution), found.membership))
    return max(runs)


def quality(graph: igraph.Graph, membership: list[int], objective: str, resolution: float) -> float:
    if objective == "modularity":
        return graph.modularity(membership, weights="weight", resolution=resolution)
    inside = sum(
        edge["weight"] for edge in graph.es if membership[edge.source] == membership[edge.target]
    )
    sizes = [membership.count(community) for community in set(membership)]
    return inside - resolution * sum(size * (size - 1) / 2 for size in sizes)


def to_igraph(graph: networkx.Graph, weight: str) -> igraph.Graph:
    found = igraph.Graph(graph.number_of_nodes())
    edges = [(i, j, w) for i, j, w in graph.edges(data=weight)]
    found.add_edges([(i, j) for i, j, _ in edges])
    found.es["weight"] = [1.0 if w is None else float(w) for _, _, w in edges]
    return found


def graphs() -> dict:
    karate = numbered(networkx.karate_club_graph())
    unweighted = networkx.Graph(karate.edges())
    generator = networkx.random_geometric_graph(200, 0.12, seed=7)
    known = {
        "karate": unweighted,
        "karate, weighted": karate,
        "les miserables": numbered(networkx.les_miserables_graph()),
        "florentine": numbered(networkx.florentine_families_graph()),
        "caveman": numbered(networkx.relaxed_caveman_graph(12, 8, 0.2, seed=3)),
        "geometric": numbered(networkx.Graph(generator.edges())),
    }
    report = {}
    for name, graph in known.items():
        graph.remove_edges_from(list(networkx.selfloop_edges(graph)))
        other = to_igraph(graph, "weight")
        report[name] = {
            "nodes": graph.number_of_nodes(),
            "edges": [[e.source, e.target, e["weight"]] for e in other.es],
            "modularity": leiden(other, "modularity", 1.0)[0],
            "constant_potts": leiden(other, "CPM", 0.1)[0],
        }
    return report


def network(path: str) -> dict:
    graph = networkx.read_graphml(path)
    betweenness = networkx.betweenness_centrality(graph, weight="length")
    closeness = networkx.closeness_centrality(graph, distance="length")
    plain = networkx.convert_node_labels_to_integers(networkx.Graph(graph), ordering="default")
    other = to_igraph(plain, "weight")
    membership = [data["community"] for _, data in plain.nodes(data=True)]
    nodes = {
        data["condition"]: {
            "degree": graph.degree(node),
            "betweenness": betweenness[node],
            "closeness": closeness[node],
            "stated": {key: data[key] for key in ("degree", "betweenness", "closeness")},
        }
        for node, data in graph.nodes(data=True)
    }
    edges = [
        {
            "from": graph.nodes[i]["condition"],
            "to": graph.nodes[j]["condition"],
            "inverse": data["length"] * data.get("odds_ratio", 1 / data["length"]),
        }
        for i, j, data in graph.edges(data=True)
    ]
    return {
        "directed": graph.is_directed(),
        "nodes": nodes,
        "edges": edges,
        "modularity": quality(other, membership, "modularity", 1.0),
        "best_modularity": leiden(other, "modularity", 1.0)[0],
    }


def main() -> None:
    igraph.set_random_number_generator(random)
    if sys.argv[1:] == ["graphs"]:
        report = graphs()
    elif len(sys.argv) == 3 and sys.argv[1] == "network":
        report = network(sys.argv[2])
    else:
        sys.exit(__doc__)
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
