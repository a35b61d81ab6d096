//! Invented conditions that go together.

use twinloom_report::{
    Combination, ConditionNetwork, DifferenceRow, EgoNeighbour, EgoNetwork, EgoSide, Estimate,
    GroupDifference, NetworkNode, NetworkTie, ProgressionPoint, ProgressionScatter, TransitionMatrix,
    Transitions, Walk, WeightBar, WeightBars,
};

const CONDITIONS: [&str; 24] = [
    "Hypertension",
    "Type 2 diabetes",
    "Depression",
    "Anxiety",
    "Asthma",
    "Osteoarthritis",
    "Painful condition",
    "Chronic kidney disease",
    "Coronary heart disease",
    "COPD",
    "Atrial fibrillation",
    "Heart failure",
    "Stroke and transient ischaemic attack",
    "Dementia",
    "Cancer in the last five years",
    "Hypothyroidism",
    "Osteoporosis",
    "Rheumatoid arthritis",
    "Epilepsy",
    "Peripheral arterial disease",
    "Chronic liver disease",
    "Hearing loss",
    "Irritable bowel syndrome",
    "Parkinson's disease",
];

const POPULATION: &str = "20,000 invented patients";
const METHOD: &str = "Weighted to the ages and sexes of all of them; intervals from 200 bootstrap samples.";

/// A number from 0 to 1 that looks drawn but is not.
fn noise(index: usize) -> f64 {
    (index as f64 * 0.618_033_988_75 + 0.137).fract()
}

fn around(value: f64, relative: f64) -> Estimate {
    Estimate::new(value, value * (1.0 - relative), value * (1.0 + relative))
}

fn name(index: usize) -> String {
    CONDITIONS[index % CONDITIONS.len()].to_owned()
}

fn people(index: usize) -> String {
    if index % 9 == 8 {
        "fewer than 10".to_owned()
    } else {
        format!("{},{:03}", 1 + index % 3, index * 85 % 1000 / 5 * 5)
    }
}

pub(crate) fn together() -> WeightBars {
    let row = |index: usize| WeightBar {
        combination: Combination::Together(
            (0..2 + index % 3).map(|part| name(index * 3 + part * 5)).collect(),
        ),
        weight: around(0.62 / (1.0 + index as f64 * 0.28), 0.05 + 0.04 * index as f64),
        people: people(index),
    };
    WeightBars {
        population: POPULATION.to_owned(),
        method: METHOD.to_owned(),
        measure: "Overlap coefficient".to_owned(),
        meaning:
            "The overlap coefficient is the share of people with the rarest of the conditions who have all \
                  of them: 0.40 means that of 100 such people 40 have the whole set."
                .to_owned(),
        rows: (0..15).map(row).collect(),
        left_out: 412,
    }
}

pub(crate) fn ordered() -> WeightBars {
    let row = |index: usize| WeightBar {
        combination: Combination::Progression {
            tail: (0..index % 3).map(|part| name(index + part * 4)).collect(),
            head: name(index * 5 + 8),
        },
        weight: around(0.062 / (1.0 + index as f64 * 0.28), 0.05 + 0.04 * index as f64),
        people: people(index),
    };
    WeightBars {
        measure: "Modified Sørensen–Dice weight".to_owned(),
        meaning:
            "The weight is the share of people with some of these conditions who got them all, in this order."
                .to_owned(),
        rows: (0..10).map(row).collect(),
        left_out: 0,
        ..together()
    }
}

pub(crate) fn progression() -> ProgressionScatter {
    let point = |index: usize| {
        let size = 0.16 / (1.0 + index as f64 * 0.6);
        let side = 3.0_f64.powf(noise(index) * 2.0 - 1.0);
        ProgressionPoint {
            name: name(index),
            successor: around(size * side, 0.08 + 0.01 * index as f64),
            predecessor: around(size / side, 0.06 + 0.01 * index as f64),
            people: people(index),
        }
    };
    ProgressionScatter {
        population: POPULATION.to_owned(),
        method: METHOD.to_owned(),
        alike: 1.25,
        points: (0..CONDITIONS.len()).map(point).collect(),
    }
}

pub(crate) fn transitions(size: usize) -> Transitions {
    let matrix = |walk: Walk, turn: usize| {
        let row = |from: usize| {
            let raw: Vec<f64> = (0..size)
                .map(|to| noise(from * 7 + to * 11 + turn).powi(6) * if to > from { 2.0 } else { 0.7 })
                .map(|share| if share < 0.001 { 0.0 } else { share })
                .collect();
            let sum: f64 = raw.iter().sum();
            raw.into_iter().map(|share| share / sum).collect()
        };
        TransitionMatrix { walk, rows: (0..size).map(row).collect() }
    };
    Transitions {
        population: POPULATION.to_owned(),
        method: METHOD.to_owned(),
        conditions: (0..size).map(name).collect(),
        matrices: vec![matrix(Walk::Successor, 0), matrix(Walk::Predecessor, 3)],
    }
}

pub(crate) fn ego() -> EgoNetwork {
    let neighbour = |index: usize| EgoNeighbour {
        conditions: (0..=index % 2).map(|part| name(index + 1 + part * 3)).collect(),
        side: [EgoSide::Before, EgoSide::After, EgoSide::After, EgoSide::Together][index % 4],
        weight: around(0.2 / (1.0 + index as f64 * 0.3), 0.07 + 0.03 * index as f64),
        people: people(index),
    };
    EgoNetwork {
        centre: "Chronic kidney disease".to_owned(),
        people: "1,420".to_owned(),
        population: POPULATION.to_owned(),
        method: METHOD.to_owned(),
        neighbours: (0..18).map(neighbour).collect(),
    }
}

pub(crate) fn difference() -> GroupDifference {
    let row = |index: usize| {
        let (first, second) =
            (0.4 / (1.0 + index as f64 * 0.2), 0.4 / (1.0 + index as f64 * 0.2) * (0.6 + 0.7 * noise(index)));
        let half = 0.03 + 0.002 * index as f64;
        let change = first - second;
        DifferenceRow {
            label: Combination::Together(vec![name(index), name(index * 3 + 5)]).words(),
            first: around(first, 0.09),
            second: around(second, 0.12),
            difference: Estimate::new(change, change - half, change + half),
            discovered: change.abs() > 1.5 * half,
            q: Some(if change.abs() > 1.5 * half { 0.0004 } else { 0.21 }),
        }
    };
    GroupDifference {
        population: POPULATION.to_owned(),
        method: METHOD.to_owned(),
        measure: "Overlap coefficient".to_owned(),
        percent: false,
        first: "most deprived fifth".to_owned(),
        second: "least deprived fifth".to_owned(),
        rows: (0..10).map(row).collect(),
        left_out: 21,
    }
}

pub(crate) fn network() -> ConditionNetwork {
    let nodes = CONDITIONS.iter().enumerate().map(|(index, name)| NetworkNode {
        name: (*name).to_owned(),
        community: index % 4,
        prevalence: 0.22 / (1.0 + index as f64 * 0.5),
    });
    let mut ties = Vec::new();
    for from in 0..CONDITIONS.len() {
        for to in from + 1..CONDITIONS.len() {
            let alike = from % 4 == to % 4;
            if noise(from * 31 + to * 17) < if alike { 0.55 } else { 0.05 } {
                let strength = around(1.2 + 5.0 * noise(from + to * 13), 0.2);
                ties.push(NetworkTie { from, to, strength, directed: (from + to) % 3 == 0 });
            }
        }
    }
    ConditionNetwork {
        population: POPULATION.to_owned(),
        method:
            "Odds ratios pooled over age bands and sexes; false discovery rate 5%; communities by Leiden."
                .to_owned(),
        measure: "Odds ratio".to_owned(),
        nodes: nodes.collect(),
        ties,
    }
}
