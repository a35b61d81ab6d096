//! Where the people of a hypergraph come from, and how their histories are read.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;
use twinloom_hypergraph::read::{
    PeopleFiles, ReadReport, RecordOptions, people_of_record, read_people, read_weights,
};
use twinloom_hypergraph::{
    Histories, HistoryOptions, Limits, Node, People, Terminal, Ties, Undated, Weighting,
};

use super::naming::{Group, Naming};
use crate::context::Context;
use crate::failure::BadInput;
use crate::{progress, study};

/// Where people are read from.
#[derive(Clone, Debug, Args)]
pub(crate) struct SourceArguments {
    /// A CSV file with the columns person, condition and date.
    #[arg(long, value_name = "FILE", required_unless_present = "study", conflicts_with = "study")]
    pub(crate) people: Option<PathBuf>,
    /// A study instead of a file: conditions since their first event, sex, age, ethnicity, deprivation, death.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: Option<PathBuf>,
    /// A CSV file with the column person and further ones: death is a date, every other a trait. People
    /// who stand here alone have no conditions.
    #[arg(long, value_name = "FILE", requires = "people")]
    pub(crate) traits: Option<PathBuf>,
    /// The only conditions that count, with commas between; one that nobody has is kept.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) conditions: Option<Vec<String>>,
    /// Which codes of a study are one condition.
    #[arg(long, value_enum, default_value_t = Group::None)]
    pub(crate) group: Group,
    /// Of a study, leave out conditions that fewer people have.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) least_having: u64,
}

/// How histories are read off people.
#[derive(Clone, Debug, Args)]
pub(crate) struct HistoryArguments {
    /// What to do with conditions without a date.
    #[arg(long, value_enum, default_value_t = UndatedWord::Exclude)]
    undated: UndatedWord,
    /// How conditions of one day count as tails and heads.
    #[arg(long, value_enum, default_value_t = TiesWord::Fractional)]
    ties: TiesWord,
    /// What ends a history: a condition of the file, or `death` for deaths.
    #[arg(long, value_name = "NAME")]
    pub(crate) terminal: Option<String>,
    /// End the histories of those whom the terminal did not reach in a node `alive`.
    #[arg(long, requires = "terminal")]
    survivors: bool,
}

/// How much is enumerated, and how sets are weighed.
#[derive(Clone, Debug, Args)]
pub(crate) struct SetArguments {
    /// How sets of conditions are weighed [default: directed complete, undirected overlap].
    #[arg(long, value_enum)]
    pub(crate) weights: Option<WeightsWord>,
    /// The largest set; without it the largest whose sets fit into memory, which is then stated.
    #[arg(long, value_name = "N")]
    max_size: Option<usize>,
    /// Conditions begun on one day of which all orders are counted (at most 20); of more, as many orders
    /// as leave each condition in each place equally often.
    #[arg(long, value_name = "N", default_value_t = Limits::default().tied)]
    most_tied: usize,
    /// Leave out sets that fewer people count towards: they weigh 0, and others what they would. This
    /// is for clarity; it does not keep small numbers from being told.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) min_people: u32,
    /// Weights of sets instead of those computed: CSV, conditions with `;` between, and a weight.
    #[arg(long, value_name = "FILE")]
    edge_weights: Option<PathBuf>,
}

/// What to do with conditions without a date.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum UndatedWord {
    /// Those who have one and another condition have no order: in no progression, and counted.
    Exclude,
    /// Before all others.
    First,
    /// After all others.
    Last,
}

/// How conditions of one day count as tails and heads.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum TiesWord {
    /// Each order as likely as any other.
    Fractional,
    /// As listed in the file; hyperarcs stay fractional.
    Listed,
}

/// How sets of conditions are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WeightsWord {
    /// Complete Sørensen-Dice: against subsets and supersets.
    Complete,
    /// Power Sørensen-Dice: against subsets.
    Power,
    /// Overlap: against people with the rarest condition.
    Overlap,
}

impl From<WeightsWord> for Weighting {
    fn from(word: WeightsWord) -> Self {
        match word {
            WeightsWord::Complete => Self::Complete,
            WeightsWord::Power => Self::Power,
            WeightsWord::Overlap => Self::Overlap,
        }
    }
}

/// Reads the people, and says what was read of a file.
pub(crate) fn people(context: &Context, arguments: &SourceArguments) -> Result<(People, Option<ReadReport>)> {
    let bar = progress::bar(&context.common, "reading people", None);
    let read = match (&arguments.people, &arguments.study) {
        (Some(people), _) => {
            let files = PeopleFiles {
                people: open(people)?,
                traits: arguments.traits.as_deref().map(open).transpose()?,
                conditions: arguments.conditions.clone(),
            };
            let (people, report) = read_people(files).map_err(bad)?;
            (people, Some(report))
        }
        (None, Some(folder)) => {
            let dataset = study::dataset(folder)?;
            let options = RecordOptions {
                least_people: arguments.least_having,
                conditions: arguments.conditions.clone(),
            };
            let naming = Naming::of(&dataset, arguments.group)?;
            (people_of_record(&dataset, &options, |code| naming.condition(code))?, None)
        }
        (None, None) => return Err(BadInput::new("neither --people nor --study was given").into()),
    };
    bar.finish_and_clear();
    Ok(read)
}

impl HistoryArguments {
    /// The options, once the people are known.
    pub(crate) fn options(&self, people: &People) -> Result<HistoryOptions> {
        let terminal = match self.terminal.as_deref() {
            None => None,
            Some(name) => Some(match people.conditions().find(name) {
                Some(condition) => Terminal::Condition(condition),
                None if name == "death" => Terminal::Death,
                None => {
                    let message = format!("nobody has {name}; permitted: death or a condition of the people");
                    return Err(BadInput::new(message).into());
                }
            }),
        };
        Ok(HistoryOptions {
            undated: match self.undated {
                UndatedWord::Exclude => Undated::Exclude,
                UndatedWord::First => Undated::First,
                UndatedWord::Last => Undated::Last,
            },
            ties: match self.ties {
                TiesWord::Fractional => Ties::Fractional,
                TiesWord::Listed => Ties::Listed,
            },
            terminal,
            survivors: self.survivors,
            ..HistoryOptions::default()
        })
    }
}

impl SetArguments {
    pub(crate) fn limits(&self) -> Limits {
        Limits { max_size: self.max_size, tied: self.most_tied, ..Limits::default() }
    }

    /// The limits of what is resampled: threes, unless another size is asked for.
    pub(crate) fn statistics_limits(&self) -> Limits {
        Limits { max_size: Some(self.max_size.unwrap_or(3)), ..Limits::default() }
    }

    /// The weights of sets with those given from outside, and 0 for sets of too few people.
    pub(crate) fn adjusted(
        &self,
        histories: &Histories,
        find: impl Fn(&[Node]) -> Option<usize>,
        counts: &[f64],
        mut weights: Vec<f64>,
    ) -> Result<Vec<f64>> {
        for (count, weight) in counts.iter().zip(&mut weights) {
            if *count < f64::from(self.min_people) {
                *weight = 0.0;
            }
        }
        for (members, weight) in outside_weights(self.edge_weights.as_deref(), histories)? {
            let Some(set) = find(&members) else {
                let names: Vec<&str> =
                    members.iter().map(|node| &*histories.names()[*node as usize]).collect();
                let message = format!("nobody counts towards {}; permitted: observed sets", names.join("; "));
                return Err(BadInput::new(message).into());
            };
            weights[set] = weight;
        }
        Ok(weights)
    }
}

/// Weights of conditions or sets from a file, if one is given.
pub(crate) fn outside_weights(file: Option<&Path>, histories: &Histories) -> Result<Vec<(Vec<Node>, f64)>> {
    let Some(path) = file else {
        return Ok(Vec::new());
    };
    read_weights(open(path)?, histories.names()).map_err(bad)
}

/// Sets by size, then by their members: the order of every list of sets.
pub(crate) fn order(sets: &mut [usize], members: &[&[Node]]) {
    sets.sort_by(|left, right| {
        let (left, right) = (members[*left], members[*right]);
        left.len().cmp(&right.len()).then_with(|| left.cmp(right))
    });
}

/// Places of the largest values, ties by place.
pub(crate) fn top(values: &[f64], count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..values.len()).filter(|place| values[*place] > 0.0).collect();
    places.sort_by(|left, right| values[*right].total_cmp(&values[*left]).then(left.cmp(right)));
    places.truncate(count);
    places
}

/// A fault of the input that a library found.
pub(crate) fn bad(error: impl std::error::Error + Send + Sync + 'static) -> anyhow::Error {
    BadInput::from_chain(&anyhow::Error::new(error)).into()
}

fn open(path: &Path) -> Result<File> {
    File::open(path)
        .map_err(|error| BadInput::new(format!("{} can't be read: {error}", path.display())).into())
}
