//! A report: a study's facts and its sections in reading order.

use serde::{Deserialize, Serialize};

use super::{
    Budgets, Calibration, ConditionNetwork, Curves, DecisionCurves, Distributions, DotPlot, EgoNetwork,
    GraphSchema, GroupDifference, HeatMap, Intake, Methods, Neighbourhood, PatientTimeline, PointMap,
    PopulationPyramid, Prevalence, ProgressionScatter, ReasonBars, Results, StepCurves, Study, Table,
    Transitions, WeightBars,
};

/// One HTML file's worth of facts about one study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The page's heading.
    pub title: String,
    /// One sentence under the heading; may be empty.
    pub subtitle: String,
    /// Where the study came from.
    pub study: Study,
    /// The sections in reading order.
    pub sections: Vec<Section>,
}

impl Report {
    /// A report without sections.
    pub fn new(title: impl Into<String>, study: Study) -> Self {
        Self { title: title.into(), subtitle: String::new(), study, sections: Vec::new() }
    }

    /// Sets the sentence under the heading.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// Adds a section at the end.
    #[must_use]
    pub fn section(mut self, section: impl Into<Section>) -> Self {
        self.sections.push(section.into());
        self
    }
}

/// One heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The heading; the content's own words when absent.
    pub heading: Option<String>,
    /// A paragraph before the figure; may be absent.
    pub introduction: Option<String>,
    /// What is shown.
    pub content: Content,
}

impl Section {
    /// A section with the content's own heading.
    pub fn new(content: impl Into<Content>) -> Self {
        Self { heading: None, introduction: None, content: content.into() }
    }

    /// Sets the heading.
    #[must_use]
    pub fn heading(mut self, heading: impl Into<String>) -> Self {
        self.heading = Some(heading.into());
        self
    }

    /// Sets the paragraph before the figure.
    #[must_use]
    pub fn introduction(mut self, introduction: impl Into<String>) -> Self {
        self.introduction = Some(introduction.into());
        self
    }
}

/// What a section shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Content {
    /// What was read, kept and skipped at import.
    Intake(Intake),
    /// Ages by sex.
    PopulationPyramid(PopulationPyramid),
    /// How common each condition is.
    Prevalence(Prevalence),
    /// One patient's record over time.
    PatientTimeline(PatientTimeline),
    /// The graph's node labels and edge types.
    GraphSchema(GraphSchema),
    /// A few nodes of the graph around one of them.
    Neighbourhood(Neighbourhood),
    /// Models and their scores.
    Results(Results),
    /// Predicted against observed risk.
    Calibration(Calibration),
    /// Whether acting on predictions does more good than harm.
    DecisionCurves(DecisionCurves),
    /// Estimates of many things on one scale.
    DotPlot(DotPlot),
    /// Distributions of columns, each in several tables.
    Distributions(Distributions),
    /// A number for each pair of names.
    HeatMap(HeatMap),
    /// Curves that fall in steps.
    StepCurves(StepCurves),
    /// Small curves side by side.
    Curves(Curves),
    /// A figure of several models at several budgets.
    Budgets(Budgets),
    /// Weights of combinations of conditions.
    WeightBars(WeightBars),
    /// Which conditions come before others, and which after.
    ProgressionScatter(ProgressionScatter),
    /// From which condition one moves to which.
    Transitions(Transitions),
    /// One condition and those around it.
    EgoNetwork(EgoNetwork),
    /// The same weights in two groups of people.
    GroupDifference(GroupDifference),
    /// Conditions joined in pairs, in communities.
    ConditionNetwork(ConditionNetwork),
    /// What moved one prediction.
    ReasonBars(ReasonBars),
    /// Vectors as points on maps.
    PointMap(PointMap),
    /// How it was done, what it can't show, and the hashes.
    Methods(Methods),
    /// Any other table.
    Table(Table),
}

macro_rules! content_from {
    ($($name:ident),*) => {$(
        impl From<$name> for Content {
            fn from(content: $name) -> Self {
                Self::$name(content)
            }
        }

        impl From<$name> for Section {
            fn from(content: $name) -> Self {
                Self::new(content)
            }
        }
    )*};
}

content_from!(
    Intake,
    PopulationPyramid,
    Prevalence,
    PatientTimeline,
    GraphSchema,
    Neighbourhood,
    Results,
    Calibration,
    DecisionCurves,
    Distributions,
    HeatMap,
    StepCurves,
    DotPlot,
    Curves,
    Budgets,
    WeightBars,
    ProgressionScatter,
    Transitions,
    EgoNetwork,
    GroupDifference,
    ConditionNetwork,
    ReasonBars,
    PointMap,
    Methods,
    Table
);
