//! One node per code: those the events use, and all that these are cases of.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{Code, Concept};

use super::subject::{Subject, other_codes};
use crate::adjacency::Half;
use crate::column::{Column, NO_INTEGER, TextTooLong};
use crate::learning::is_coded;
use crate::{NodeLabel, NodeTable, Property};

/// The terminology stratum.
pub(super) struct Concepts {
    codes: Vec<Code>,
    numbers: FxHashMap<Code, u32>,
    parents: Vec<(u32, u32)>,
}

impl Concepts {
    /// Collects the codes in use, then their ancestors by the data's description and by spelling.
    pub(super) fn of(subjects: &[Subject<'_>], described: &FxHashMap<&Code, &Concept>) -> Self {
        let used = subjects
            .par_iter()
            .fold(FxHashSet::<Code>::default, |mut used, subject| {
                used.extend(subject.encounters.iter().flat_map(|encounter| encounter.codes.iter().cloned()));
                for planned in &subject.events {
                    let event = planned.event;
                    if !used.contains(event.code()) {
                        used.insert(event.code().clone());
                    }
                    used.extend(other_codes(event));
                    used.extend(answer(event.text_value()));
                }
                used
            })
            .reduce(FxHashSet::default, |mut all, part| {
                all.extend(part);
                all
            });
        let mut frontier: Vec<Code> = used.iter().cloned().collect();
        let mut all = used;
        let mut parents: Vec<(Code, Code)> = Vec::new();
        while let Some(code) = frontier.pop() {
            let stated = described.get(&code).map_or(&[][..], |concept| &concept.parents);
            for parent in stated.iter().cloned().chain(twinloom_codes::parents(&code)) {
                if parent == code {
                    continue;
                }
                if all.insert(parent.clone()) {
                    frontier.push(parent.clone());
                }
                parents.push((code.clone(), parent));
            }
        }
        let mut codes: Vec<Code> = all.into_iter().collect();
        codes.par_sort_unstable();
        let numbers: FxHashMap<Code, u32> = codes.iter().cloned().zip(0..).collect();
        let mut parents: Vec<(u32, u32)> =
            parents.iter().map(|(code, parent)| (numbers[code], numbers[parent])).collect();
        parents.sort_unstable();
        parents.dedup();
        Self { codes, numbers, parents }
    }

    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// A code's place among the concepts.
    pub(super) fn number(&self, code: &Code) -> Option<u32> {
        self.numbers.get(code).copied()
    }

    /// The `IS_A` edges, given the number of the first concept's node.
    pub(super) fn is_a(&self, first: u32) -> Vec<Half> {
        let half = |(code, parent): &(u32, u32)| Half {
            source: first + code,
            known: NO_INTEGER,
            target: first + parent,
            property: 0,
        };
        self.parents.iter().map(half).collect()
    }

    pub(super) fn table(
        &self,
        first: u32,
        described: &FxHashMap<&Code, &Concept>,
    ) -> Result<NodeTable, TextTooLong> {
        let display =
            |code| described.get(code).and_then(|concept| concept.description.as_deref()).unwrap_or("");
        let systems: Vec<_> = self.codes.iter().map(|code| code.system().map(Into::into)).collect();
        let columns = vec![
            (Property::Id, Column::text(self.codes.iter().map(Code::as_str))?),
            (Property::System, Column::category(&systems)),
            (Property::Code, Column::text(self.codes.iter().map(Code::value))?),
            (Property::Display, Column::text(self.codes.iter().map(display))?),
        ];
        Ok(NodeTable { label: NodeLabel::Concept, first, rows: self.codes.len() as u32, columns })
    }
}

/// The code a coded answer is.
pub(super) fn answer(text: Option<&str>) -> Option<Code> {
    text.filter(|text| is_coded(text)).and_then(|text| Code::parse(text).ok())
}
