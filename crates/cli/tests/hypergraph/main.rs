//! `twinloom hypergraph undirected|directed`: against what the packages it follows print, and on cohorts that
//! nobody plans for.

mod cohorts;
mod harness;
mod printed;
