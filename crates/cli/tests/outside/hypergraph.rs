//! Measures of any hypergraph, and the Hypergraph Interchange Format, against XGI and HyperNetX.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::harness::{Python, shared_data, twinloom};

/// What each measure may differ by, relative to its largest value. Exact ones by rounding; iterated ones by
/// what both sides iterate to: XGI's eigenvectors to 1e-11 (H) and to machine precision (clique), its
/// Z-eigenvectors by matrices solved to 1e-5 only, ours to 1e-10 or better.
fn tolerance(measure: &str) -> f64 {
    match measure {
        "z_eigenvector" => 1e-7,
        "clique" | "clique_equation" | "clique_eigenvalue" | "node_edge_nodes" | "node_edge_edges"
        | "h_eigenvector" | "h_equation" | "h_eigenvalue" | "z_equation" | "z_eigenvalue" => 1e-9,
        _ => 1e-12,
    }
}

/// Runs of the binary whose results Python is to compare.
#[derive(Default)]
struct Runs {
    inputs: Vec<String>,
    stated: Vec<Value>,
    jobs: Vec<Vec<PathBuf>>,
}

impl Runs {
    /// Measures a file and writes the hypergraph and what was found into the folder.
    fn measure(&mut self, folder: &Path, input: &Path, options: &[&str], partition: Option<&Path>) {
        let number = self.jobs.len();
        let hif = folder.join(format!("{number}.written.json"));
        let result = folder.join(format!("{number}.result.json"));
        let mut arguments: Vec<&dyn AsRef<OsStr>> = vec![&"hypergraph", &"measure", &input, &"--hif", &hif];
        arguments.extend(options.iter().map(|option| option as &dyn AsRef<OsStr>));
        if let Some(partition) = &partition {
            arguments.extend([&"--partition" as &dyn AsRef<OsStr>, partition]);
        }
        let stated = twinloom(&arguments);
        std::fs::write(&result, stated.to_string()).expect("the folder can be written");
        self.inputs.push(format!("{} {}", input.display(), options.join(" ")));
        self.stated.push(stated);
        self.jobs.push([hif, result].into_iter().chain(partition.map(Path::to_owned)).collect());
    }

    /// Lets Python measure what we wrote, holds ours against it, and gives the measures compared.
    fn compared(&self, python: &Python, folder: &Path) -> BTreeSet<String> {
        let jobs = folder.join("jobs.json");
        std::fs::write(&jobs, json!(self.jobs).to_string()).expect("the folder can be written");
        let checked = python.run("check_hypergraph.py", &[&jobs]);
        let mut measures = BTreeSet::new();
        for ((input, stated), checked) in
            self.inputs.iter().zip(&self.stated).zip(checked.as_array().expect("a list of jobs"))
        {
            for (count, theirs) in checked["counts"].as_object().expect("an object of counts") {
                assert_eq!(*theirs, stated["summary"][count], "{count} of {input}");
            }
            for (measure, difference) in checked["differences"].as_object().expect("an object") {
                let difference = difference.as_f64().unwrap_or(f64::INFINITY);
                assert!(difference <= tolerance(measure), "{measure} of {input}: {difference:e}");
                measures.insert(measure.clone());
            }
        }
        measures
    }
}

#[test]
fn ref_random_hypergraphs_of_xgi_and_hypernetx() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = folder.path();
    let made = python.run("make_hypergraphs.py", &[&folder]);
    let mut runs = Runs::default();
    for (name, nodes) in made["nodes"].as_object().expect("an object of files") {
        let input = folder.join(format!("{name}.json"));
        let parts = folder.join(format!("{name}.parts.csv"));
        // XGI's attenuation.
        let alpha = 0.5_f64.powi(nodes.as_i64().expect("a count") as i32).to_string();
        runs.measure(folder, &input, &["--s", "1", "--alpha", &alpha], Some(&parts));
        runs.measure(folder, &input, &["--s", "2", "--measure", "clique"], None);
        runs.measure(folder, &input, &["--s", "1", "--of", "nodes", "--measure", "clique"], None);
    }
    let measures = runs.compared(&python, folder);
    // Agreement that was never tested is not agreement.
    for measure in [
        "clique",
        "h_eigenvector",
        "z_eigenvector",
        "z_equation",
        "node_edge_edges",
        "katz",
        "clustering",
        "extra_overlap",
        "two_node",
        "s_betweenness",
        "s_closeness",
        "s_harmonic",
        "s_eccentricity",
        "s_components",
        "modularity_linear",
        "modularity_majority",
        "modularity_strict",
        "clique_eigenvalue",
        "tail_degree",
    ] {
        assert!(measures.contains(measure), "{measure} was never compared: {measures:?}");
    }
}

#[test]
fn ref_citations_and_authorships() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut runs = Runs::default();
    for (name, nodes, edges) in [("cocitation_cora", 1434, 1579), ("coauthorship_cora", 2388, 1072)] {
        let Some(input) = shared_data(&format!("hypergcn/{name}/hyperedges.csv")) else {
            return;
        };
        // Citations are of at most 5 papers; authors wrote up to 43, too many for XGI's tensor.
        let measures = if nodes == 1434 { "clique,h,z" } else { "clique" };
        runs.measure(folder.path(), &input, &["--s", "2", "--measure", measures], None);
        let summary = &runs.stated[runs.stated.len() - 1]["summary"];
        assert_eq!((summary["nodes"].as_u64(), summary["edges"].as_u64()), (Some(nodes), Some(edges)));
    }
    let measures = runs.compared(&python, folder.path());
    for measure in
        ["clique_eigenvalue", "clique_equation", "h_equation", "z_equation", "s_betweenness", "lines"]
    {
        assert!(measures.contains(measure), "{measure} was never compared: {measures:?}");
    }
}
