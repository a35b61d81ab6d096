"""Times PyTorch Geometric's training beside ours, in alternating processes of the same run, on two threads.

Usage: graph.py LIBRARY CORA: the built example `time_epochs` and the folder of Cora's CSV files. Each side makes a
random graph of the same size for itself. Prints a table in Markdown. See README.md.
"""

import csv
import datetime
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
THREADS, ROUNDS, EPOCHS = 2, 3, 10
NODES, EDGES, WIDTH = 100_000, 1_000_000, 64


def timed(step, count):
    """Seconds of each of so many steps and processor seconds of one, after one that isn't counted."""
    step()
    seconds, cpu = [], time.process_time()
    for _ in range(count):
        began = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - began)
    return seconds, (time.process_time() - cpu) / count


def training(network, optimiser, loss):
    def step():
        network.train()
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()

    return step


def gcn(folder):
    """200 epochs on Cora with the settings of Kipf and Welling, as PyG's own example has them."""
    import torch
    from torch.nn import functional
    from torch_geometric.nn import GCNConv

    def table(name):
        with (Path(folder) / name).open() as file:
            return list(csv.DictReader(file))

    nodes = table("nodes.csv")
    words = [(int(row["node"]), int(row["feature"]), float(row["value"])) for row in table("features.csv")]
    features = torch.zeros(len(nodes), 1 + max(word[1] for word in words))
    for node, word, value in words:
        features[node, word] = value
    features /= features.sum(1, keepdim=True).clamp(min=1)
    edges = torch.tensor([[int(row["src"]), int(row["dst"])] for row in table("edges.csv")]).T
    edges = torch.unique(torch.cat([edges, edges.flip(0)], 1), dim=1)
    labels = torch.tensor([int(row["label"]) for row in nodes])
    part = {name: torch.tensor([row["split"] == name for row in nodes]) for name in ("train", "test")}
    torch.manual_seed(0)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = GCNConv(features.shape[1], 16, cached=True)
            self.second = GCNConv(16, int(labels.max()) + 1, cached=True)

        def forward(self):
            hidden = functional.dropout(features, 0.5, self.training)
            hidden = self.first(hidden, edges).relu()
            return self.second(functional.dropout(hidden, 0.5, self.training), edges)

    network = Network()
    decayed = {"params": network.first.parameters(), "weight_decay": 5e-4}
    optimiser = torch.optim.Adam([decayed, {"params": network.second.parameters()}], lr=0.01)
    loss = lambda: functional.cross_entropy(network()[part["train"]], labels[part["train"]])
    step = training(network, optimiser, loss)
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(200):
        step()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    network.eval()
    right = network()[part["test"]].argmax(1) == labels[part["test"]]
    return {"wall_s": seconds, "cpu_s": cpu, "accuracy": float(right.float().mean())}


def large(kind):
    """Epochs on a random graph: SAGE over a sparse CSR adjacency, PyG's fastest; attention over the edges."""
    import torch
    from torch.nn import functional
    from torch_geometric.nn import GATConv, SAGEConv

    torch.manual_seed(1)
    edges = torch.randint(0, NODES, (2, EDGES))
    features, labels = torch.rand(NODES, WIDTH) * 2 - 1, torch.arange(NODES) % 2
    if kind == "sage":
        ones = torch.ones(EDGES)
        graph = torch.sparse_coo_tensor(edges.flip(0), ones, (NODES, NODES)).coalesce().to_sparse_csr()
        layers = [SAGEConv(WIDTH, WIDTH), SAGEConv(WIDTH, 2)]
        between = functional.relu
    else:
        graph = edges[:, edges[1].argsort()]
        layers = [GATConv(WIDTH, WIDTH, add_self_loops=False), GATConv(WIDTH, 2, add_self_loops=False)]
        between = functional.elu
    network = torch.nn.ModuleList(layers)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.001)
    scores = lambda: layers[1](between(layers[0](features, graph)), graph)
    step = training(network, optimiser, lambda: functional.cross_entropy(scores(), labels))
    seconds, cpu = timed(step, EPOCHS)
    return {"wall_s": statistics.median(seconds), "cpu_s": cpu, "least_s": min(seconds)}


def peer(arguments):
    import torch

    torch.set_num_threads(THREADS)
    found = gcn(arguments[1]) if arguments[0] == "gcn" else large(arguments[0])
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def run(*command):
    # Where other work shares the cores, threads that spin while they wait would slow their own side a hundredfold.
    limits = {"RAYON_NUM_THREADS": str(THREADS), "OMP_NUM_THREADS": str(THREADS), "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | limits)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    from torch import __version__ as torch_version
    from torch_geometric import __version__ as version

    library, cora = sys.argv[1:3]
    names = {
        "gcn": "GCN, 200 epochs on Cora",
        "sage": "GraphSAGE, an epoch, 100,000 nodes, 1,000,000 edges, width 64",
        "gat": "GAT, an epoch, the same graph",
    }
    rows = []
    for kind, name in names.items():
        given = [kind, cora] if kind == "gcn" else [kind]
        pairs = []
        for _ in range(ROUNDS):
            pairs.append((run(library, *given), run(sys.executable, __file__, "--peer", *given)))
            print(f"{name}: {pairs[-1]}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        middle = lambda side, key: statistics.median(pair[side][key] for pair in pairs)
        least = lambda side: min(pair[side].get("least_s", pair[side]["wall_s"]) for pair in pairs)
        ratio = lambda key: statistics.median(ours[key] / theirs[key] for ours, theirs in pairs)
        side = lambda side: (
            f"{middle(side, 'wall_s'):.3f} s | {least(side):.3f} s | {middle(side, 'cpu_s'):.3f} s "
            f"| {middle(side, 'peak_mib'):,.0f} MiB"
        )
        rows.append(f"| {name} | {side(0)} | {side(1)} | {ratio('wall_s'):.3f} | {ratio('cpu_s'):.3f} |")
    print(f"\n{datetime.date.today()}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {THREADS} threads,")
    print(f"torch {torch_version}, torch-geometric {version}; medians of {ROUNDS} alternating runs, and the least.\n")
    heads = "what|ours|least|CPU|peak|PyG|least|CPU|peak|ours / PyG|by CPU"
    print("| " + heads.replace("|", " | ") + " |\n|" + "---|" * len(heads.split("|")))
    print("\n".join(rows))


if sys.argv[1] == "--peer":
    peer(sys.argv[2:])
else:
    main()
