//! In which order conditions were recorded.

use anyhow::Result;
use twinloom_hypergraph::directed::{self, Direction};
use twinloom_hypergraph::statistics::ConditionSummary;
use twinloom_hypergraph::{ConditionId, Histories, HistoryOptions, People, Weighting};
use twinloom_report::{
    Combination, EgoNeighbour, EgoNetwork, EgoSide, Estimate, ProgressionPoint, ProgressionScatter, Section,
    TransitionMatrix, Transitions, Walk, WeightBar, WeightBars,
};

use super::{Found, LEAST_PEOPLE, drawn};

/// Hyperarcs drawn.
const ARCS: usize = 15;
/// Conditions between which transitions are drawn.
const CONDITIONS: usize = 16;
/// Successor and predecessor PageRank within this factor count as alike.
const ALIKE: f64 = 1.25;

const INTRODUCTION: &str = "From here on the order counts: a person who was recorded with A, then B, then C adds to \
    \u{201c}A → B\u{201d} and to \u{201c}A, B → C\u{201d}. Recording follows onset by months or years, and a \
    check-up may find two conditions at once; those of one day count half for either order.";

pub(super) fn sections(found: &Found<'_>) -> Result<Vec<Section>> {
    if ranked(found).next().is_none() {
        return Ok(Vec::new());
    }
    let mut sections = Vec::new();
    // Of few people no step may have been taken by enough of them; what is central can still be said.
    if found.summary.arcs.iter().any(|arc| !arc.tail.is_empty()) {
        sections.push(Section::new(bars(found)).heading("What follows what"));
    }
    sections.push(Section::new(scatter(found)));
    sections.push(Section::new(transitions(found)?));
    sections.extend(ego(found).map(Section::new));
    Ok(sections
        .into_iter()
        .enumerate()
        .map(|(place, section)| if place == 0 { section.introduction(INTRODUCTION) } else { section })
        .collect())
}

fn bars(found: &Found<'_>) -> WeightBars {
    let arcs: Vec<_> = found.summary.arcs.iter().filter(|arc| !arc.tail.is_empty()).collect();
    WeightBars {
        population: found.population.clone(),
        method: format!(
            "Steps that at least {} people took; their exact numbers would tell of those who stopped, so they are not \
             told. {}",
            found.least, found.method
        ),
        measure: "Weight of the step (complete Sørensen-Dice)".to_owned(),
        meaning:
            "The weight is high where those who have some of these conditions tend to have them all and to \
                  have got the last one last; it is low where they usually have other ones as well."
                .to_owned(),
        rows: arcs
            .iter()
            .take(ARCS)
            .map(|arc| WeightBar {
                combination: Combination::Progression { tail: arc.tail.clone(), head: arc.head.clone() },
                weight: drawn(&arc.weight),
                people: format!("{} or more", found.least),
            })
            .collect(),
        left_out: arcs.len().saturating_sub(ARCS) as u64,
    }
}

/// Those with both centralities and enough people.
fn ranked<'a>(found: &'a Found<'_>) -> impl Iterator<Item = (&'a ConditionSummary, Estimate, Estimate)> {
    found.summary.conditions.iter().filter(|condition| condition.people >= found.least as f64).filter_map(
        |condition| {
            Some((condition, drawn(condition.successor.as_ref()?), drawn(condition.predecessor.as_ref()?)))
        },
    )
}

fn scatter(found: &Found<'_>) -> ProgressionScatter {
    ProgressionScatter {
        population: found.population.clone(),
        method: format!("Conditions that at least {} people have. {}", found.least, found.method),
        alike: ALIKE,
        points: ranked(found)
            .map(|(condition, successor, predecessor)| ProgressionPoint {
                name: condition.condition.clone(),
                successor,
                predecessor,
                people: found.told.people(std::slice::from_ref(&condition.condition)),
            })
            .collect(),
    }
}

/// The commonest conditions, those that come before others first; what rests on few people is withheld.
fn transitions(found: &Found<'_>) -> Result<Transitions> {
    let histories = Histories::of(found.people, &HistoryOptions::default())?;
    let structure = directed::Structure::of(&histories, &directed::Options::default())?;
    let model = structure.evaluate(histories.mass(), Weighting::Complete)?;
    let mut shown: Vec<(f64, &str)> = ranked(found)
        .take(CONDITIONS)
        .map(|(condition, after, before)| {
            (before.value / after.value.max(f64::MIN_POSITIVE), condition.condition.as_str())
        })
        .collect();
    shown.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let ids: Vec<ConditionId> =
        shown.iter().filter_map(|(_, name)| found.people.conditions().find(name)).collect();
    let both = together(found.people, &ids);
    let matrix = |walk: Walk, direction: Direction| {
        let whole = structure.transitions(&model, direction);
        let row = |from: usize| {
            let known = &whole[ids[from].index()];
            let share = |to: usize| {
                if both[from][to] < LEAST_PEOPLE {
                    return f64::NAN;
                }
                let place = known.binary_search_by_key(&ids[to].index(), |(node, _)| *node);
                place.map_or(0.0, |place| known[place].1)
            };
            (0..ids.len()).map(share).collect()
        };
        TransitionMatrix { walk, rows: (0..ids.len()).map(row).collect() }
    };
    Ok(Transitions {
        population: found.population.clone(),
        method: format!(
            "The {} commonest conditions; as recorded, not standardised. A walker leaves a condition along one of the \
             steps from it, drawn by weight.",
            ids.len()
        ),
        conditions: shown.iter().map(|(_, name)| (*name).to_owned()).collect(),
        matrices: vec![
            matrix(Walk::Successor, Direction::Successor),
            matrix(Walk::Predecessor, Direction::Predecessor),
        ],
    })
}

/// People with each two of some conditions.
fn together(people: &People, ids: &[ConditionId]) -> Vec<Vec<u64>> {
    let mut both = vec![vec![0; ids.len()]; ids.len()];
    for person in people.iter() {
        let own: Vec<usize> =
            (0..ids.len()).filter(|place| person.conditions().contains(&ids[*place])).collect();
        for from in &own {
            for to in &own {
                both[*from][*to] += 1;
            }
        }
    }
    both
}

/// The surroundings of the condition that is central to most sets.
fn ego(found: &Found<'_>) -> Option<EgoNetwork> {
    let summary = found.summary;
    let centrality = |condition: &&ConditionSummary| condition.centrality.map_or(0.0, |value| value.value);
    let centre =
        summary.conditions.iter().max_by(|a, b| centrality(a).total_cmp(&centrality(b)))?.condition.clone();
    let mut neighbours = Vec::new();
    for arc in summary.arcs.iter().filter(|arc| !arc.tail.is_empty()) {
        let (side, conditions) = if arc.head == centre {
            (EgoSide::Before, arc.tail.clone())
        } else if arc.tail == [centre.clone()] {
            (EgoSide::After, vec![arc.head.clone()])
        } else {
            continue;
        };
        let people = format!("{} or more", found.least);
        neighbours.push(EgoNeighbour { conditions, side, weight: drawn(&arc.weight), people });
    }
    (!neighbours.is_empty()).then(|| EgoNetwork {
        people: found.told.people(std::slice::from_ref(&centre)),
        population: found.population.clone(),
        method: format!(
            "The condition with the highest eigenvector centrality among sets; steps that at least {} people took, by \
             Sørensen-Dice weight. {}",
            found.least, found.method
        ),
        neighbours,
        centre,
    })
}
