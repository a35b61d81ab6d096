//! The built binary against readers and writers that share no code with it, written in Python.
//!
//! `./test` names an interpreter with `tests/python/requirements.txt` installed in
//! `TWINLOOM_TEST_PYTHON`. Without it these tests say that they skip; under `CI=true` they fail.

mod ask;
mod demo;
mod fhir_import;
mod gp_record;
mod graph_exports;
mod graphml;
mod harness;
mod hypergraph;
mod meds;
mod systems;
