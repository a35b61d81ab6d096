//! Self-contained HTML reports: tables, SVG plots, timelines and drawn graphs.
