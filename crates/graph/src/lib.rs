//! Property graph of the record: build, store, query, export.
