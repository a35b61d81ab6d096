"""Measures hypergraphs with XGI and HyperNetX and prints the largest differences from what is stated.

Usage: check_hypergraph.py JOBS: a JSON list of jobs, each a list of paths: a file in the Hypergraph Interchange
Format, what `twinloom hypergraph measure --json` printed of it, and perhaps the partition that it was given.
Prints a list of {"differences": {measure: largest difference}, "counts": {...}}; a measure that the library does
not define for this hypergraph is absent. Differences are divided by the largest entry of what the library found.
"""

import csv
import json
import sys
import warnings

import hypernetx
import jsonschema
import networkx
import numpy
import scipy.sparse.linalg
import xgi
from hif_schema import SCHEMA, give_to_hypernetx
from hypernetx.algorithms.clustering import hypergraph_modularity
from hypernetx.algorithms.metrics import s_centrality_measures

warnings.simplefilter("ignore")
give_to_hypernetx()
# HyperNetX restricts the whole hypergraph to each component of a line graph in turn; beyond this many hyperedges
# NetworkX gives the same on XGI's line graph.
FEW = 200


class Check:
    """One hypergraph, and what is stated of it."""

    def __init__(self, hif, result, partition=None):
        with open(hif) as file:
            self.hif = json.load(file)
        with open(result) as file:
            self.stated = json.load(file)
        jsonschema.validate(self.hif, SCHEMA)
        self.partition = partition
        self.read = xgi.read_hif(hif)
        self.summary = self.stated["summary"]
        self.differences = {}
        self.counts = {"nodes": self.read.num_nodes, "edges": self.read.num_edges}
        # XGI weighs all hyperedges alike.
        self.alike = all(edge.get("weight", 1) == 1 for edge in self.hif.get("edges", []))

    def asked(self, name):
        return name in self.summary or name in self.stated["nodes"]

    def column(self, side, name):
        return dict(zip(self.stated[side]["id"], self.stated[side][name]))

    def vector(self, name):
        values = self.column("nodes", name)
        return numpy.array([values[node] for node in self.read.nodes])

    def compare(self, name, theirs, ours):
        """Differences of two dictionaries, over the largest entry of theirs."""
        theirs = {key: float(value) for key, value in theirs.items()}
        assert theirs.keys() == ours.keys(), name
        largest = max(map(abs, theirs.values()), default=0.0)
        worst = max((abs(theirs[key] - ours[key]) for key in theirs), default=0.0)
        self.differences[name] = worst / largest if largest > 0 else worst

    def run(self):
        if isinstance(self.read, xgi.DiHypergraph):
            # XGI reads a HIF tail as its "in" side, and calls the degree in it "out".
            self.compare("tail_degree", self.read.nodes.out_degree.asdict(), self.column("nodes", "tail_degree"))
            self.compare("head_degree", self.read.nodes.in_degree.asdict(), self.column("nodes", "head_degree"))
        else:
            self.counts["components"] = xgi.number_connected_components(self.read)
            self.distributions()
            if self.alike and self.read.num_edges:
                self.centralities()
            if self.hif["incidences"] and "s_line_graph" in self.summary:
                self.paths()
            if self.hif["incidences"] and self.partition:
                self.modularity()
        return {"differences": self.differences, "counts": self.counts}

    def distributions(self):
        read, column = self.read, self.column
        self.compare("degree", read.degree(), column("nodes", "degree"))
        self.compare("size", read.edges.size.asdict(), column("edges", "size"))
        if read.num_nodes < 1000:
            # Beyond, XGI's number of possible hyperedges does not fit a floating-point number.
            self.differences["density"] = abs(xgi.density(read) - self.summary["density"])
        difference = abs(xgi.incidence_density(read) - self.summary["incidence_density"])
        self.differences["incidence_density"] = difference
        if self.asked("clustering"):
            self.compare("clustering", xgi.clustering_coefficient(read), column("nodes", "clustering"))
            two_node = xgi.two_node_clustering_coefficient(read)
            self.compare("two_node", two_node, column("nodes", "two_node_clustering"))
            # XGI's takes the names of hyperedges for places in a list.
            if list(read.edges) == list(range(read.num_edges)):
                theirs = xgi.local_clustering_coefficient(read)
                self.compare("extra_overlap", theirs, column("nodes", "extra_overlap_clustering"))

    def centralities(self):
        read, column = self.read, self.column
        sizes = read.edges.size.aslist()
        if read.num_nodes > 1 and xgi.is_connected(read):
            clique = xgi.clique_eigenvector_centrality(read, tol=0)
            self.compare("clique", clique, column("nodes", "clique_eigenvector"))
            if self.asked("h_eigenvector"):
                theirs = xgi.h_eigenvector_centrality(read, max_iter=20_000, tol=1e-11, seed=1)
                self.compare("h_eigenvector", theirs, column("nodes", "h_eigenvector"))
            if self.asked("z_eigenvector") and len(set(sizes)) == 1:
                theirs = xgi.z_eigenvector_centrality(read, max_iter=2_000, tol=1e-9)
                self.compare("z_eigenvector", theirs, column("nodes", "z_eigenvector"))
            if self.asked("node_edge"):
                nodes, edges = xgi.node_edge_centrality(read, max_iter=100_000, tol=1e-13)
                self.compare("node_edge_nodes", nodes, column("nodes", "node_edge"))
                self.compare("node_edge_edges", edges, column("edges", "node_edge"))
        else:
            # The largest eigenvalue of the whole, whichever component has it.
            matrix = xgi.clique_motif_matrix(read).astype(float)
            largest = scipy.sparse.linalg.eigsh(matrix, k=1, which="LA", return_eigenvectors=False)[0]
            stated = self.summary["clique_eigenvector"]["eigenvalue"]
            self.differences["clique_eigenvalue"] = float(abs(largest - stated) / largest)
            x = self.vector("clique_eigenvector")
            self.differences["clique_equation"] = float(numpy.abs(matrix @ x - largest * x).max() / x.max())
        if self.asked("katz"):
            self.compare("katz", xgi.katz_centrality(read), column("nodes", "katz"))
        # XGI's product of a tensor of higher order is slow and loses digits by cancelling.
        if 1 < max(sizes) <= 14 and self.asked("h_eigenvector"):
            self.equations(max(sizes))

    def equations(self, rank):
        """Ours put into XGI's product in all modes but one, where they are not 0: one component.

        XGI's Z-eigenvectors of hyperedges of several sizes rest on a product in all modes but two in which one
        factor is taken from the wrong node, so they are compared of uniform hypergraphs alone.
        """
        read = self.read
        place = {node: number for number, node in enumerate(read.nodes)}
        members = {edge: {place[node] for node in nodes} for edge, nodes in read.edges.members(dtype=dict).items()}
        memberships = {place[node]: edges for node, edges in read.nodes.memberships().items()}

        def product(x):
            return numpy.array(xgi.utils.ttsv1(memberships, members, rank, x))

        x = self.vector("h_eigenvector")
        x /= x.max()
        ratios = product(x)[x > 0] / x[x > 0] ** (rank - 1)
        self.differences["h_equation"] = float(ratios.max() / ratios.min() - 1)
        stated = self.summary["h_eigenvector"]["eigenvalue"]
        self.differences["h_eigenvalue"] = float(abs(ratios.mean() / stated - 1))
        x = self.vector("z_eigenvector")
        x /= numpy.linalg.norm(x)
        image = product(x)
        value = image @ x
        self.differences["z_equation"] = float(numpy.linalg.norm(image - value * x) / value)
        self.differences["z_eigenvalue"] = float(abs(value / self.summary["z_eigenvector"]["eigenvalue"] - 1))

    def paths(self):
        line = self.summary["s_line_graph"]
        s, side = line["s"], line["of"]
        on_edges = side == "edges"
        ours = {name: self.column(side, name) for name in ["s_betweenness", "s_closeness", "s_harmonic"]}
        graph = xgi.to_line_graph(self.read, s=s) if on_edges else None
        if on_edges:
            self.differences["lines"] = abs(graph.number_of_edges() - line["lines"])
            components = networkx.number_connected_components(graph)
            self.differences["s_components"] = abs(components - line["components"])
        if self.read.num_edges > FEW:
            count = graph.number_of_nodes()
            scale = 2 / ((count - 1) * (count - 2))
            between = networkx.betweenness_centrality(graph, normalized=False)
            self.compare("s_betweenness", {name: v * scale for name, v in between.items()}, ours["s_betweenness"])
            closeness = networkx.closeness_centrality(graph, wf_improved=False)
            self.compare("s_closeness", closeness, ours["s_closeness"])
            return
        other = hypernetx.from_hif(self.hif)
        if set(other.edges if on_edges else other.nodes) != ours["s_betweenness"].keys():
            return
        for name, values in ours.items():
            function = getattr(s_centrality_measures, f"{name}_centrality")
            self.compare(name, function(other, s=s, edges=on_edges), values)
        if line["components"] == 1:
            theirs = s_centrality_measures.s_eccentricity(other, s=s, edges=on_edges)
            self.compare("s_eccentricity", theirs, self.column(side, "s_eccentricity"))

    def modularity(self):
        other = hypernetx.from_hif(self.hif)
        by_name = {str(node): node for node in other.nodes}
        parts = {}
        with open(self.partition) as file:
            for row in csv.DictReader(file):
                parts.setdefault(row["part"], set()).add(row["node"])
        sets = [{by_name[name] for name in part if name in by_name} for part in parts.values()]
        if sum(map(len, sets)) < self.read.num_nodes:
            return
        for name in ["linear", "majority", "strict"]:
            theirs = hypergraph_modularity.modularity(other, sets, getattr(hypergraph_modularity, name))
            self.differences[f"modularity_{name}"] = abs(theirs - self.summary["modularity"][name])


with open(sys.argv[1]) as jobs:
    print(json.dumps([Check(*job).run() for job in json.load(jobs)]))
