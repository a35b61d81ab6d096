//! What goes into a report: plain values, ready to draw.

mod calibration;
mod curves;
mod dot_plot;
mod estimate;
mod graph;
mod intake;
mod methods;
mod patient;
mod population;
mod prevalence;
mod report;
mod results;
mod study;
mod table;

pub use calibration::{Calibration, CalibrationBin, CalibrationModel};
pub use curves::{CurvePanel, Curves};
pub use dot_plot::{DotMark, DotPlot, DotRow};
pub use estimate::Estimate;
pub use graph::{GraphEdge, GraphNode, GraphSchema, Neighbourhood, SchemaEdge, SchemaNode, Stratum};
pub use intake::{Intake, IntakeProblem, IntakeTable};
pub use methods::{ManifestEntry, Methods, MethodsBlock};
pub use patient::{Lane, LaneKind, LaneRow, PatientTimeline, Period, Reading, ReadingSeries};
pub use population::{AgeBand, PopulationPyramid};
pub use prevalence::{Prevalence, PrevalenceRow, Target};
pub use report::{Content, Report, Section};
pub use results::{ModelKind, ModelResult, Results};
pub use study::{Fact, Origin, Study};
pub use table::{Cell, Table};
