//! Cohorts and tasks: leak-free windows, feature tables, code sequences.
