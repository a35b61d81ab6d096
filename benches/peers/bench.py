"""Times other people's hypergraph packages and ours on the same inputs, and compares what they find.

Usage: bench.py FOLDER LIBRARY BINARY [HYPMM]: a folder for the inputs, the built example `time_measures`, the
built `twinloom`, and a checkout of github.com/nhsx/hypergraph-mm (its package isn't on the registry).
Prints a table in Markdown. See README.md.
"""

import csv
import datetime
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy

warnings.simplefilter("ignore")
folder, library, binary = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
hypmm_source = sys.argv[4] if len(sys.argv) > 4 else ""
folder.mkdir(parents=True, exist_ok=True)
ROUNDS = 3


def lists(name, nodes, sizes, count, seed):
    generator = random.Random(seed)
    edges = [sorted(generator.sample(range(nodes), generator.choice(sizes))) for _ in range(count)]
    path = folder / f"{name}.txt"
    path.write_text("".join(" ".join(map(str, edge)) + "\n" for edge in edges))
    return path, edges


def cohort(name, people, conditions, seed):
    """Conditions that depend on age and on one another; the days of onset of one person all differ."""
    generator = numpy.random.default_rng(seed)
    prevalence = 0.12 * 0.87 ** numpy.arange(conditions)
    frailty = generator.gamma(1.2, 1 / 1.2, size=people)
    has = generator.random((people, conditions)) < numpy.minimum(0.9, prevalence * frailty[:, None])
    order = generator.random((people, conditions)).argsort(axis=1)
    first = datetime.date(2000, 1, 1)
    path = folder / f"{name}.csv"
    sequences = []
    with path.open("w") as file:
        file.write("person,condition,date\n")
        for person in range(people):
            sequence = [column for column in order[person] if has[person, column]]
            sequences.append(sequence)
            if not sequence:
                file.write(f"{person:06},,\n")
            for place, column in enumerate(sequence):
                file.write(f"{person:06},c{column:02},{first + datetime.timedelta(days=100 * place)}\n")
    return path, has, sequences


def own_cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def child_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def peer(call):
    began, cpu = time.perf_counter(), own_cpu()
    found = call()
    return {"cpu": own_cpu() - cpu, "wall": time.perf_counter() - began, "found": found}


def ours(measure, path):
    output = subprocess.run([library, measure, path], check=True, capture_output=True, text=True).stdout
    found = json.loads(output)
    return {"cpu": found["cpu_s"], "wall": found["wall_s"], "found": found["found"]}


def command(*arguments):
    began, cpu = time.perf_counter(), child_cpu()
    done = subprocess.run([binary, *map(str, arguments), "--json", "--quiet"], capture_output=True)
    if done.returncode:
        return None
    return {"cpu": child_cpu() - cpu, "wall": time.perf_counter() - began}


def agreement(ours_found, theirs):
    """The largest difference over the largest value, and how many names only one side has."""
    both = ours_found.keys() & theirs.keys()
    if not any(theirs[name] for name in both):
        return "nothing to compare"
    alone = len(ours_found.keys() ^ theirs.keys())
    largest = max((abs(theirs[name]) for name in both), default=1) or 1
    worst = max((abs(ours_found[name] - theirs[name]) for name in both), default=0) / largest
    return f"{worst:.0e} of {len(both):,}" + (f", {alone} on one side only" if alone else "")


ROWS = []


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def row(name, given, ours_call, peer_name, peer_call, whole=None, rounds=ROUNDS):
    runs = {"ours": [], "peer": [], "whole": []}
    for _ in range(rounds):
        runs["ours"].append(ours_call())
        runs["peer"].append(peer(peer_call))
        if whole is not None:
            runs["whole"].append(whole())
    middle = {
        side: {kind: statistics.median(run[kind] for run in found) for kind in ("cpu", "wall")}
        for side, found in runs.items()
        if found and all(found)
    }
    both = agreement(runs["ours"][-1]["found"], runs["peer"][-1]["found"])
    command_cpu = seconds(middle["whole"]["cpu"]) if "whole" in middle else "-"
    ROWS.append(
        [
            name,
            given,
            seconds(middle["ours"]["cpu"]),
            seconds(middle["ours"]["wall"]),
            command_cpu,
            peer_name,
            seconds(middle["peer"]["cpu"]),
            seconds(middle["peer"]["wall"]),
            f"{middle['peer']['cpu'] / middle['ours']['cpu']:,.0f}",
            both,
        ]
    )
    print(f"{name}: done", file=sys.stderr)


def centralities():
    import hypernetx
    import xgi
    from hypernetx.algorithms.metrics.s_centrality_measures import s_betweenness_centrality

    def by_name(values):
        return {str(name): float(value) for name, value in values.items()}

    mixed, edges = lists("mixed", 1000, [2, 3, 4, 5, 6], 10_000, 1)
    hypergraph = xgi.Hypergraph(edges)
    row(
        "clique eigenvector (ours to 1e-12, theirs to machine precision)",
        "10,000 hyperedges of 2 to 6 of 1,000 nodes",
        lambda: ours("clique", mixed),
        "XGI 0.10.2",
        lambda: by_name(xgi.clique_eigenvector_centrality(hypergraph, tol=0)),
        lambda: command("hypergraph", "measure", mixed, "--measure", "clique"),
    )
    triples, edges = lists("triples", 1000, [3], 10_000, 2)
    uniform = xgi.Hypergraph(edges)
    row(
        "H-eigenvector (ours to 1e-11, theirs to its default, 1e-6)",
        "10,000 hyperedges of 3 of 1,000 nodes",
        lambda: ours("h", triples),
        "XGI 0.10.2",
        lambda: by_name(xgi.h_eigenvector_centrality(uniform, seed=1)),
        lambda: command("hypergraph", "measure", triples, "--measure", "h"),
        rounds=2,
    )
    small, edges = lists("small", 200, [4, 5, 6, 7, 8], 600, 3)
    # It keeps what it has worked out, so each round takes a new one, built before the clock starts.
    built = [hypernetx.Hypergraph(dict(enumerate(edges))) for _ in range(2)]
    row(
        "2-line graph and s-betweenness, from a built hypergraph",
        "600 hyperedges of 4 to 8 of 200 nodes",
        lambda: ours("s-betweenness", small),
        "HyperNetX 2.4.3",
        lambda: by_name(s_betweenness_centrality(built.pop(), s=2)),
        lambda: command("hypergraph", "measure", small, "--measure", "clique", "--s", 2),
        rounds=2,
    )


def undirected():
    import multimorbidity_hypergraphs
    import pandas

    path, has, _ = cohort("people20", 100_000, 20, 4)
    columns = [f"c{column:02}" for column in range(20)]
    table = pandas.DataFrame(has.astype(numpy.uint8), columns=columns)

    def theirs():
        hypergraph = multimorbidity_hypergraphs.Hypergraph(verbose=False)
        hypergraph.compute_hypergraph(table)
        return {"+".join(sorted(edge)): weight for edge, weight in zip(hypergraph.edge_list, hypergraph.edge_weights)}

    theirs()  # numba compiles
    row(
        "undirected, overlap weights of all sets (from people in memory)",
        "100,000 people, 20 conditions",
        lambda: ours("undirected", path),
        "multimorbidity_hypergraphs 0.3.5, compiled",
        theirs,
        lambda: command("hypergraph", "undirected", "--people", path, "--weights", "overlap"),
    )


def directed():
    if not hypmm_source:
        print("directed: left out; give the folder of a checkout of hypergraph-mm", file=sys.stderr)
        return
    sys.path.insert(0, hypmm_source)
    from hypmm import build_model, utils, weight_functions

    path, has, sequences = cohort("people23", 100_000, 23, 5)
    kept = [person for person, sequence in enumerate(sequences) if sequence]
    ill = has[kept].astype(numpy.uint8)
    order = numpy.full(ill.shape, -1, dtype=numpy.int8)
    places = numpy.full(ill.shape, -1, dtype=numpy.int8)
    for number, person in enumerate(kept):
        sequence = sequences[person]
        order[number, : len(sequence)] = sequence
        if len(sequence) == 1:
            places[number, 0] = -2
    names = numpy.array([f"c{column:02}" for column in range(23)], dtype="<U24")

    def theirs():
        _, weights, _ = build_model.compute_weights(
            ill,
            order,
            places,
            names,
            "progression",
            weight_functions.modified_sorensen_dice_coefficient,
            utils.compute_progset,
            dice_type=1,
            plot=False,
            ret_inc_mat=None,
            verbose=False,
        )
        sets = (title.split(", ") for title in weights[0]["disease set"])
        return {"+".join(sorted(names)): weight for names, weight in zip(sets, weights[0]["weight"])}

    compiled = peer(theirs)
    print(f"directed: the peer's first call took {compiled['cpu']:.1f} CPU-s", file=sys.stderr)
    row(
        "directed, complete weights of aggregate progressions (from people in memory)",
        "100,000 people, 23 conditions",
        lambda: ours("directed", path),
        "hypergraph-mm 1.0.0, compiled",
        theirs,
        lambda: command("hypergraph", "directed", "--people", path, "--weights", "complete"),
    )


for part in (centralities, undirected, directed):
    try:
        part()
    except (ImportError, AttributeError, KeyError, TypeError, ValueError) as error:
        # The other rows are worth having; which one is absent and why is said.
        print(f"{part.__name__}: left out: {error!r}", file=sys.stderr)

heading = "measure|input|our CPU|our wall|our command's CPU|peer|its CPU|its wall|CPU ratio|largest difference, of values"
print(f"\n{datetime.date.today()}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, medians, alternating.\n")
print("| " + heading.replace("|", " | ") + " |")
print("|" + "---|" * len(heading.split("|")))
for cells in ROWS:
    print("| " + " | ".join(cells) + " |")
