//! The rows of the benchmark.

use serde::{Deserialize, Serialize};

/// A row of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// L2-penalised logistic regression on scaled features.
    LogisticRegression,
    /// Gradient-boosted trees on features.
    BoostedTrees,
    /// Gradient-boosted trees on features and on what those at home have met.
    BoostedTreesWithHousehold,
    /// Perceptron on counts of codes and facts.
    BagOfCodes,
    /// Entity-embedding network on codes and facts.
    EntityEmbeddings,
    /// Gated recurrent units over time slots with gaps.
    Gru,
    /// RETAIN over time slots.
    Retain,
    /// Transformer over the latest tokens.
    Transformer,
    /// Transformer over codes, first trained to fill in hidden ones.
    Behrt,
    /// GraphSAGE on patient, encounter and concept.
    GraphSage,
    /// Set transformer on the hypergraph of visits.
    HypergraphOfVisits,
    /// Patient with a memory and the concepts met, as of the prediction.
    TemporalGraph,
    /// Graph convolutional transformer on the codes of the record.
    Gct,
    /// VGNN's encoder and decoder without the variational term.
    EncoderDecoder,
    /// Variationally regularised graph network.
    Vgnn,
    /// Relational graph convolution on the heterogeneous patient graph.
    Rgcn,
    /// Heterogeneous graph Transformer on the patient graph.
    Hgt,
    /// GraphSAGE whose nodes hear nothing.
    GraphSageRemoved,
    /// GraphSAGE on the same graph with its concept edges exchanged at random.
    GraphSageShuffled,
    /// GraphSAGE trained on labels dealt anew.
    GraphSagePermuted,
    /// Heterogeneous graph Transformer without the links between people.
    HgtHouseholdsRemoved,
}

/// What a row of the benchmark is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A plain model to beat.
    Baseline,
    /// A model under study.
    Model,
    /// A model deprived of what it claims to use.
    Control,
}

impl ModelKind {
    /// Every row, in the order of report.
    pub const ALL: [Self; 21] = [
        Self::LogisticRegression,
        Self::BoostedTrees,
        Self::BoostedTreesWithHousehold,
        Self::BagOfCodes,
        Self::EntityEmbeddings,
        Self::Gru,
        Self::Retain,
        Self::Transformer,
        Self::Behrt,
        Self::GraphSage,
        Self::HypergraphOfVisits,
        Self::TemporalGraph,
        Self::Gct,
        Self::EncoderDecoder,
        Self::Vgnn,
        Self::Rgcn,
        Self::Hgt,
        Self::GraphSageRemoved,
        Self::GraphSageShuffled,
        Self::GraphSagePermuted,
        Self::HgtHouseholdsRemoved,
    ];

    /// What the row is there for.
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::LogisticRegression | Self::BoostedTrees | Self::BoostedTreesWithHousehold => {
                Purpose::Baseline
            }
            Self::GraphSageRemoved
            | Self::GraphSageShuffled
            | Self::GraphSagePermuted
            | Self::HgtHouseholdsRemoved => Purpose::Control,
            _ => Purpose::Model,
        }
    }

    /// The row's name as people type it: lower case, words joined by hyphens.
    pub fn slug(self) -> String {
        let words = self.name().split(|letter: char| !letter.is_ascii_alphanumeric());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-").to_ascii_lowercase()
    }

    /// Whether it was trained on labels dealt anew, and so must stand at chance.
    pub const fn is_permuted(self) -> bool {
        matches!(self, Self::GraphSagePermuted)
    }

    /// The row's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LogisticRegression => "logistic regression",
            Self::BoostedTrees => "boosted trees",
            Self::BoostedTreesWithHousehold => "boosted trees, household counts added by hand",
            Self::BagOfCodes => "bag of codes",
            Self::EntityEmbeddings => "entity embeddings",
            Self::Gru => "GRU with time gaps",
            Self::Retain => "RETAIN",
            Self::Transformer => "Transformer",
            Self::Behrt => "pretrained Transformer",
            Self::GraphSage => "GraphSAGE",
            Self::HypergraphOfVisits => "hypergraph of visits",
            Self::TemporalGraph => "temporal patient graph",
            Self::Gct => "graph convolutional transformer",
            Self::EncoderDecoder => "encoder-decoder graph network",
            Self::Vgnn => "VGNN",
            Self::Rgcn => "R-GCN on the heterogeneous patient graph",
            Self::Hgt => "HGT on the heterogeneous patient graph",
            Self::GraphSageRemoved => "GraphSAGE, graph removed",
            Self::GraphSageShuffled => "GraphSAGE, graph edges shuffled",
            Self::GraphSagePermuted => "GraphSAGE, labels permuted",
            Self::HgtHouseholdsRemoved => "HGT, links between people removed",
        }
    }

    /// What it is, in a sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::LogisticRegression => {
                "Logistic regression with an L2 penalty on counts by window, demographics and last measurements, scaled"
            }
            Self::BoostedTrees => {
                "Gradient-boosted trees on counts by window, demographics and last measurements"
            }
            Self::BoostedTreesWithHousehold => {
                "The same trees, told by hand how many people live with the person and how many of them have each frequent concept"
            }
            Self::BagOfCodes => {
                "Two-layer perceptron on counts of each code in the record, demographics and last measurements beside them"
            }
            Self::EntityEmbeddings => {
                "Network with one vector per code averaged by window, demographics and last measurements beside them (Guo and Berkhahn 2016)"
            }
            Self::Gru => {
                "Gated recurrent units over the record's time slots with the gaps between them, demographics and last measurements beside them (Choi 2016, Doctor AI)"
            }
            Self::Retain => {
                "Two-level attention backwards over the record's time slots, deciding linearly, demographics and last measurements beside it (Choi 2016)"
            }
            Self::Transformer => {
                "Self-attention over the latest tokens of the record with their times, demographics and last measurements beside it (tokens as Rajkomar 2018)"
            }
            Self::Behrt => {
                "Self-attention over the latest codes with age, visit and segment, first trained to fill in hidden codes of the training records, demographics and last measurements beside it (BEHRT, Li 2020)"
            }
            Self::GraphSage => {
                "Two-layer graph network from concepts through encounters to the patient as of the prediction, demographics and last measurements beside them (Hamilton 2017)"
            }
            Self::HypergraphOfVisits => {
                "Set attention from codes into visits, back and again, on the hypergraph whose edges are visits, demographics and last measurements beside it (Chien 2022)"
            }
            Self::TemporalGraph => {
                "Memory of the patient changed by each concept met and its value, with attention to the latest of them as of the prediction, demographics and last measurements beside it (Rossi 2020)"
            }
            Self::Gct => {
                "Transformer over the codes of the record whose attention is held near how often codes occur together, demographics and last measurements beside it (Choi 2020)"
            }
            Self::EncoderDecoder => {
                "Graph attention over all pairs of the record's codes, then into a node for the patient, without the variational term (Zhu and Razavian 2021)"
            }
            Self::Vgnn => {
                "Graph attention over all pairs of the record's codes, vectors drawn about their means in training, then into a node for the patient (Zhu and Razavian 2021)"
            }
            Self::Rgcn => {
                "Relational convolution from concepts to people and from the people someone lives with and their practice to them, demographics and last measurements beside it (Schlichtkrull 2018)"
            }
            Self::Hgt => {
                "Typed attention from concepts to people and from the people someone lives with and their practice to them, demographics and last measurements beside it (Hu 2020)"
            }
            Self::GraphSageRemoved => {
                "The same graph network without any message: what it scores by demographics and last measurements alone"
            }
            Self::GraphSageShuffled => {
                "The same graph network on concept edges exchanged at random, every degree kept: what it scores without the record's own links"
            }
            Self::GraphSagePermuted => {
                "The same graph network on labels dealt anew among all instances, and judged by them: it must predict no better than chance"
            }
            Self::HgtHouseholdsRemoved => {
                "The same typed attention over each person's own concepts alone, nobody hearing housemates or practice: what the links between people add is the difference"
            }
        }
    }
}
