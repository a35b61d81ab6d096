//! Edges that the canonical record states by itself: whose, when, in what encounter, coded as what.

use std::collections::BTreeMap;

use rayon::prelude::*;
use twinloom_event::Code;

use super::concepts::{self, Concepts};
use super::micros;
use super::numbering::{Numbering, take_number};
use super::subject::{self, Subject};
use crate::EdgeType;
use crate::adjacency::Half;

/// Enough for a thread to be busy for a while, few enough to share the work evenly.
const SUBJECTS_AT_ONCE: usize = 256;

/// The edges that the canonical record itself states, by type.
pub(super) fn structural_edges(
    subjects: &[Subject<'_>],
    numbering: &Numbering,
    concepts: &Concepts,
) -> BTreeMap<EdgeType, Vec<Half>> {
    let parts: Vec<Structure> = subjects
        .par_chunks(SUBJECTS_AT_ONCE)
        .enumerate()
        .map(|(chunk, subjects)| {
            let mut structure = Structure::default();
            for (place, subject) in subjects.iter().enumerate() {
                structure.add(chunk * SUBJECTS_AT_ONCE + place, subject, numbering, concepts);
            }
            structure
        })
        .collect();
    let parts = Structure::joined(parts);
    BTreeMap::from([
        (EdgeType::had_encounter(), parts.had_encounter),
        (EdgeType::contains(), parts.contains),
        (EdgeType::has_event(), parts.has_event),
        (EdgeType::coded_as(), parts.coded_as),
        (EdgeType::answered(), parts.answered),
        (EdgeType::next(), parts.next),
        (EdgeType::part_of(), parts.part_of),
    ])
}

#[derive(Default)]
struct Structure {
    had_encounter: Vec<Half>,
    contains: Vec<Half>,
    has_event: Vec<Half>,
    coded_as: Vec<Half>,
    answered: Vec<Half>,
    next: Vec<Half>,
    part_of: Vec<Half>,
}

impl Structure {
    fn add(&mut self, patient: usize, subject: &Subject<'_>, numbering: &Numbering, concepts: &Concepts) {
        let first_encounter = numbering.encounters[patient];
        let half = |source, known, target| Half { source, known, target, property: 0 };
        let coded = |source, known, rank: usize, code: &Code| {
            let target = numbering.first_concept + concepts.number(code)?;
            Some(Half { source, known, target, property: rank as i64 })
        };
        for (node, encounter) in (first_encounter..).zip(&subject.encounters) {
            let known = micros(encounter.known);
            self.had_encounter.push(half(patient as u32, known, node));
            let codes = encounter.codes.iter().enumerate();
            self.coded_as.extend(codes.filter_map(|(rank, code)| coded(node, known, rank, code)));
        }
        self.next.extend(successions(first_encounter, subject));
        let mut next = numbering.events[patient];
        let nodes: Vec<u32> =
            subject.events.iter().map(|planned| take_number(&mut next, planned.event.kind())).collect();
        for (planned, node) in subject.events.iter().zip(&nodes) {
            let (event, node) = (planned.event, *node);
            let known = micros(event.known_time());
            self.has_event.push(half(patient as u32, known, node));
            if let Some(place) = planned.encounter {
                let both = known.max(micros(subject.encounters[place as usize].known));
                self.contains.push(half(first_encounter + place, both, node));
            }
            if let Some(panel) = planned.panel {
                let both = known.max(micros(subject.events[panel as usize].event.known_time()));
                self.part_of.push(half(node, both, nodes[panel as usize]));
            }
            self.coded_as.extend(coded(node, known, 0, event.code()));
            let others = subject::other_codes(event);
            self.coded_as.extend(
                others.iter().enumerate().filter_map(|(place, code)| coded(node, known, place + 1, code)),
            );
            if let Some(code) = concepts::answer(event.text_value()) {
                self.answered.extend(coded(node, known, 0, &code));
            }
        }
    }

    /// All parts in order; each list grows once.
    fn joined(parts: Vec<Self>) -> Self {
        let mut lists: [Vec<Vec<Half>>; 7] = Default::default();
        for part in parts {
            let own = [
                part.had_encounter,
                part.contains,
                part.has_event,
                part.coded_as,
                part.answered,
                part.next,
                part.part_of,
            ];
            for (list, own) in lists.iter_mut().zip(own) {
                list.push(own);
            }
        }
        let [had_encounter, contains, has_event, coded_as, answered, next, part_of] =
            lists.map(|list| list.concat());
        Self { had_encounter, contains, has_event, coded_as, answered, next, part_of }
    }
}

/// Edges from each encounter to the next by start; their property is the time from the end (the
/// start, if it has no end) to the next start, 0 where they overlap.
fn successions(first: u32, subject: &Subject<'_>) -> Vec<Half> {
    let mut started: Vec<_> = (first..)
        .zip(&subject.encounters)
        .filter_map(|(node, encounter)| encounter.start.map(|start| (start, node, encounter)))
        .collect();
    started.sort_unstable_by_key(|(start, node, _)| (*start, *node));
    started
        .windows(2)
        .map(|pair| {
            let ((start, source, one), (next_start, target, other)) = (&pair[0], &pair[1]);
            let left = one.end.unwrap_or(*start);
            Half {
                source: *source,
                known: micros(one.known).max(micros(other.known)),
                target: *target,
                property: (next_start.micros() - left.micros()).max(0),
            }
        })
        .collect()
}
