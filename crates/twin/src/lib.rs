//! The digital twin: population, need, pathways and the systems that record them.
