//! Distinct histories of people: their conditions in order, and how many people share each.
//!
//! All models are functions of a structure, which depends on the histories alone, and of the mass of each
//! cell, a history within a stratum. A resample, a standard population or a group left out is another
//! mass; nothing is enumerated again.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::slices::Slices;
use crate::{ConditionId, People, Person, TraitError};

const FIRST_OF_DAY: u32 = 1 << 31;
const ORDERED: u32 = 1;

/// What to do with the conditions that nobody knows the day of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undated {
    /// Someone with two conditions or more, one of them undated, has no order. They count in
    /// prevalences and in undirected models, and are left out of progression and counted there.
    #[default]
    Exclude,
    /// They began before all others, on one day.
    First,
    /// They began after all others, on one day.
    Last,
}

/// How conditions of one day count towards the nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// Every order of a day's conditions is as likely as any other.
    #[default]
    Fractional,
    /// Tails and heads are counted in the order given, as hypergraph-mm does; hyperarcs stay fractional.
    Listed,
}

/// What ends a history, and nothing comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// A death, its node called `death`.
    Death,
    /// One of the conditions, such as one that marks deaths.
    Condition(ConditionId),
}

/// How histories are read off people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryOptions {
    /// What becomes of undated conditions.
    pub undated: Undated,
    /// How ties count towards nodes.
    pub ties: Ties,
    /// What ends a history; by default nothing does.
    pub terminal: Option<Terminal>,
    /// Whether those whom the terminal did not reach end in a node `alive`.
    pub survivors: bool,
    /// Whether nobody's history ends in a terminal, its nodes staying what they are: what there would be
    /// without it, to correct by.
    pub without_ends: bool,
    /// A trait that splits equal histories into cells.
    pub stratum: Option<Arc<str>>,
}

/// A node of a hypergraph: a condition by its number, or a terminal after them.
pub type Node = u32;

/// Distinct histories, and the mass of each in each stratum.
///
/// # Shapes
/// A mass has one entry per cell: [`Self::cells`].
#[derive(Clone, Debug)]
pub struct Histories {
    names: Vec<Arc<str>>,
    conditions: usize,
    terminals: Vec<Node>,
    ties: Ties,
    slices: Slices,
    /// History and stratum of each cell; the stratum past the last level is for those unknown.
    cells: Vec<(u32, u32)>,
    strata: Vec<Arc<str>>,
    mass: Vec<f64>,
    cell_of_person: Vec<u32>,
    without_order: u64,
    after_terminal: u64,
}

impl Histories {
    /// The histories of people.
    ///
    /// # Errors
    /// [`HistoryError`] when the stratum is not one of their traits, or when a condition has the name of
    /// a terminal.
    pub fn of(people: &People, options: &HistoryOptions) -> Result<Self, HistoryError> {
        let stratum = options.stratum.as_deref().map(|name| people.trait_named(name)).transpose()?;
        let mut names: Vec<Arc<str>> = people.conditions().names().map(Arc::from).collect();
        let conditions = names.len();
        let mut terminals = Vec::new();
        let mut add = |name: &str| {
            if people.conditions().find(name).is_some() {
                return Err(HistoryError::NameTaken { name: name.into() });
            }
            names.push(name.into());
            Ok(names.len() as u32 - 1)
        };
        let terminal = match options.terminal {
            None => None,
            Some(Terminal::Death) => Some(add("death")?),
            Some(Terminal::Condition(condition)) => Some(condition.0),
        };
        terminals.extend(terminal);
        let survival = if options.survivors && terminal.is_some() { Some(add("alive")?) } else { None };
        terminals.extend(survival);
        let strata: Vec<Arc<str>> = stratum.map(|known| known.levels().to_vec()).unwrap_or_default();
        let mut histories = Self {
            names,
            conditions,
            terminals,
            ties: options.ties,
            slices: Slices::default(),
            cells: Vec::new(),
            strata,
            mass: Vec::new(),
            cell_of_person: Vec::with_capacity(people.len()),
            without_order: 0,
            after_terminal: 0,
        };
        let mut writer =
            Writer { options, terminal, survival, words: Vec::new(), undated: Vec::new(), after_terminal: 0 };
        let mut cells: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let unknown = histories.strata.len() as u32;
        for (place, person) in people.iter().enumerate() {
            let ordered = writer.write(person);
            histories.without_order += u64::from(!ordered);
            let history = histories.slices.intern(&writer.words);
            let level = stratum.and_then(|known| known.level_of(place)).map_or(unknown, |level| level as u32);
            let cell = if stratum.is_none() {
                history
            } else {
                *cells.entry((history, level)).or_insert(histories.cells.len() as u32)
            };
            if cell as usize == histories.cells.len() {
                histories.cells.push((history, level));
                histories.mass.push(0.0);
            }
            histories.mass[cell as usize] += 1.0;
            histories.cell_of_person.push(cell);
        }
        histories.after_terminal = writer.after_terminal;
        Ok(histories)
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.cells.len()
    }

    /// People in each cell.
    pub fn mass(&self) -> &[f64] {
        &self.mass
    }

    /// The cell of each person.
    pub fn cell_of_person(&self) -> &[u32] {
        &self.cell_of_person
    }

    /// Levels of the stratum, in order; none without one.
    pub fn strata(&self) -> &[Arc<str>] {
        &self.strata
    }

    /// The place of a cell's stratum among [`Self::strata`]; `None` where it is not known.
    ///
    /// # Panics
    /// When `cell` is not below [`Self::cells`].
    pub fn stratum_of(&self, cell: usize) -> Option<usize> {
        let level = self.cells[cell].1 as usize;
        (level < self.strata.len()).then_some(level)
    }

    /// The history of a cell, by its number.
    ///
    /// # Panics
    /// When `cell` is not below [`Self::cells`].
    pub fn history_of(&self, cell: usize) -> usize {
        self.cells[cell].0 as usize
    }

    /// Number of distinct histories.
    pub fn len(&self) -> usize {
        self.slices.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A distinct history.
    ///
    /// # Panics
    /// When `history` is not below [`Self::len`].
    pub fn history(&self, history: usize) -> History<'_> {
        let words = self.slices.get(history);
        History { header: words[0], words: &words[1..] }
    }

    /// Names of the nodes: the conditions in order, then the terminals that are none.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Number of nodes that are conditions of the people.
    pub fn conditions(&self) -> usize {
        self.conditions
    }

    /// Nodes that end histories: at most one that is reached, then at most one for survivors.
    pub fn terminals(&self) -> &[Node] {
        &self.terminals
    }

    /// How ties count towards nodes.
    pub fn ties(&self) -> Ties {
        self.ties
    }

    /// Number of people whose conditions have no order.
    pub fn without_order(&self) -> u64 {
        self.without_order
    }

    /// Number of conditions dated after the person's terminal, which are left out: nothing follows an end.
    pub fn after_terminal(&self) -> u64 {
        self.after_terminal
    }
}

/// A distinct history.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    header: u32,
    words: &'a [u32],
}

impl<'a> History<'a> {
    /// Number of conditions, a terminal not counted.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether the order of the days is known.
    pub fn is_ordered(&self) -> bool {
        self.header & ORDERED != 0
    }

    /// The terminal that ended it.
    pub fn terminal(&self) -> Option<Node> {
        (self.header >> 1).checked_sub(1)
    }

    /// Conditions in order; `true` marks the first of a day.
    pub fn conditions(&self) -> impl ExactSizeIterator<Item = (Node, bool)> + use<'a> {
        self.words.iter().map(|word| (word & !FIRST_OF_DAY, word & FIRST_OF_DAY != 0))
    }

    /// Conditions and the terminal in ascending order.
    pub(crate) fn members(&self, members: &mut Vec<Node>) {
        members.clear();
        members.extend(self.conditions().map(|(condition, _)| condition));
        members.extend(self.terminal());
        members.sort_unstable();
    }
}

/// Spells people as words: a header, then conditions day by day.
struct Writer<'a> {
    options: &'a HistoryOptions,
    terminal: Option<Node>,
    survival: Option<Node>,
    words: Vec<u32>,
    undated: Vec<u32>,
    after_terminal: u64,
}

impl Writer<'_> {
    /// Whether the person's order is known, or they have no conditions to order.
    fn write(&mut self, person: Person<'_>) -> bool {
        self.words.clear();
        self.words.push(0);
        self.undated.clear();
        let terminal = match self.options.terminal {
            Some(Terminal::Condition(condition)) => Some(condition.0),
            _ => None,
        };
        let mut reached = matches!(self.options.terminal, Some(Terminal::Death)) && person.death().is_some();
        let last_day = match self.options.terminal {
            None => None,
            Some(Terminal::Death) => person.death(),
            Some(Terminal::Condition(condition)) => {
                person.onsets().find(|onset| onset.condition == condition).and_then(|onset| onset.day)
            }
        };
        for (day, tied) in person.ties() {
            if let (Some(day), Some(last_day)) = (day, last_day)
                && day > last_day
            {
                self.after_terminal += tied.len() as u64;
                continue;
            }
            let group = if day.is_some() { &mut self.words } else { &mut self.undated };
            let start = group.len();
            for condition in tied {
                if Some(condition.0) == terminal {
                    reached = true;
                } else {
                    group.push(condition.0);
                }
            }
            mark(&mut group[start..], self.options.ties);
        }
        let conditions = self.words.len() - 1 + self.undated.len();
        let ordered = conditions < 2 || self.undated.is_empty() || self.options.undated != Undated::Exclude;
        if self.options.undated == Undated::First {
            self.words.splice(1..1, self.undated.drain(..));
        } else {
            self.words.append(&mut self.undated);
        }
        if !ordered {
            for word in &mut self.words[1..] {
                *word &= !FIRST_OF_DAY;
            }
            mark(&mut self.words[1..], Ties::Fractional);
        }
        let end = if reached { self.terminal } else { self.survival };
        let end = end.filter(|_| !self.options.without_ends);
        self.words[0] = u32::from(ordered) | end.map_or(0, |node| (node + 1) << 1);
        ordered
    }
}

/// Puts the conditions of one day into one order whatever the file's was, and marks the first.
fn mark(tied: &mut [u32], ties: Ties) {
    if ties == Ties::Fractional {
        tied.sort_unstable();
    }
    if let Some(first) = tied.first_mut() {
        *first |= FIRST_OF_DAY;
    }
}

/// Why histories can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// A terminal's name is that of a condition.
    #[error("a condition is called {name}, as the node that ends histories is; permitted: any other name")]
    NameTaken {
        /// The name.
        name: Arc<str>,
    },
    /// The stratum is not among the traits.
    #[error(transparent)]
    Stratum(#[from] TraitError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Onset, Trait};

    fn spelt(histories: &Histories, history: usize) -> String {
        let history = histories.history(history);
        let mut text = String::new();
        for (condition, first) in history.conditions() {
            text.push_str(if first { " " } else { "&" });
            text.push_str(&histories.names()[condition as usize]);
        }
        if !history.is_ordered() {
            text.push('?');
        }
        if let Some(end) = history.terminal() {
            text.push_str(" > ");
            text.push_str(&histories.names()[end as usize]);
        }
        text
    }

    fn cohort() -> People {
        let mut builder = People::builder();
        let [a, b, c] = ["a", "b", "c"].map(|name| builder.condition(name));
        builder
            .person(&[Onset::on(c, 1), Onset::on(b, 1), Onset::on(a, 2)], None)
            .person(&[Onset::on(b, 5), Onset::on(c, 5), Onset::on(a, 9)], Some(10))
            .person(&[Onset::undated(c), Onset::on(a, 9)], None)
            .person(&[Onset::undated(c)], None)
            .person(&[], Some(3));
        builder.build()
    }

    #[test]
    fn regress_equal_histories_share_a_cell() {
        let people = cohort();
        let histories = Histories::of(&people, &HistoryOptions::default()).unwrap();
        let all: Vec<String> = (0..histories.len()).map(|history| spelt(&histories, history)).collect();
        assert_eq!(all, [" b&c a", " a&c?", " c", ""]);
        assert_eq!(histories.mass(), [2.0, 1.0, 1.0, 1.0]);
        assert_eq!(histories.without_order(), 1);
        assert_eq!(histories.cell_of_person(), [0, 0, 1, 2, 3]);
        let listed = HistoryOptions { ties: Ties::Listed, undated: Undated::First, ..Default::default() };
        let histories = Histories::of(&people, &listed).unwrap();
        let all: Vec<String> = (0..histories.len()).map(|history| spelt(&histories, history)).collect();
        assert_eq!(all, [" c&b a", " b&c a", " c a", " c", ""]);
        assert_eq!(histories.without_order(), 0);
    }

    #[test]
    fn regress_terminals_end_histories() {
        let people = cohort();
        let death = HistoryOptions { terminal: Some(Terminal::Death), survivors: true, ..Default::default() };
        let histories = Histories::of(&people, &death).unwrap();
        let all: Vec<String> = (0..histories.len()).map(|history| spelt(&histories, history)).collect();
        assert_eq!(all, [" b&c a > alive", " b&c a > death", " a&c? > alive", " c > alive", " > death"]);
        let terminal = people.conditions().find("a").map(Terminal::Condition);
        let histories = Histories::of(&people, &HistoryOptions { terminal, ..Default::default() }).unwrap();
        let all: Vec<String> = (0..histories.len()).map(|history| spelt(&histories, history)).collect();
        assert_eq!(all, [" b&c > a", " c > a", " c", ""]);
    }

    #[test]
    fn regress_strata_split_cells() {
        let sex = Trait::new("sex", [Some("f"), Some("m"), None, Some("f"), Some("f")]).unwrap();
        let people = cohort().with_trait(sex).unwrap();
        let options = HistoryOptions { stratum: Some("sex".into()), ..Default::default() };
        let histories = Histories::of(&people, &options).unwrap();
        let strata: Vec<Option<usize>> =
            (0..histories.cells()).map(|cell| histories.stratum_of(cell)).collect();
        assert_eq!(strata, [Some(0), Some(1), None, Some(0), Some(0)]);
        let folding = crate::mass::Folding::of(&histories);
        assert_eq!(&*folding.fold(histories.mass()).unwrap(), [2.0, 1.0, 1.0, 1.0]);
        assert!(folding.fold(&[1.0]).is_err() && folding.fold(&[f64::NAN; 5]).is_err());
        let options = HistoryOptions { stratum: Some("height".into()), ..Default::default() };
        assert!(Histories::of(&people, &options).is_err());
    }

    #[test]
    fn regress_nothing_follows_an_end() {
        let mut builder = People::builder();
        let [a, b, end] = ["a", "b", "end"].map(|name| builder.condition(name));
        builder
            .person(&[Onset::on(a, 1), Onset::on(end, 5), Onset::on(b, 5)], Some(5))
            .person(&[Onset::on(a, 1), Onset::on(end, 5), Onset::on(b, 9)], Some(5));
        let people = builder.build();
        let terminals = [Terminal::Condition(people.conditions().find("end").unwrap()), Terminal::Death];
        for (terminal, expected) in
            terminals.into_iter().zip([[" a b > end", " a > end"], [" a b&end > death", " a end > death"]])
        {
            let options = HistoryOptions { terminal: Some(terminal), ..Default::default() };
            let histories = Histories::of(&people, &options).unwrap();
            let all: Vec<String> = (0..histories.len()).map(|history| spelt(&histories, history)).collect();
            assert_eq!(all, expected);
            assert_eq!(histories.after_terminal(), 1);
        }
    }
}
