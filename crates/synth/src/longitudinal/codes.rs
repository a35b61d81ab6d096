//! Which code comes next, by the longest context that is known.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::causal::{ShareTable, choose};

/// What came before, and how often each code came next.
type Context = (Vec<u32>, Vec<(u32, f64)>);

/// Codes after one another. A context holds the codes before, and where an encounter began its kind, the latest last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CodeModel {
    /// Contexts of any length up to an order, in ascending order of the contexts.
    Contexts { order: usize, prior_rows: f64, contexts: Vec<Context> },
    /// What came last alone, every one counted, or nothing.
    Last { shares: ShareTable, contexts: usize },
}

/// One event: the patient, the code, and what came before.
pub(super) struct Seen<'a> {
    pub(super) patient: usize,
    pub(super) before: &'a [u32],
    pub(super) code: u32,
}

impl CodeModel {
    /// Counts each event after contexts of each length; those of fewer patients than asked for are left out, but for the
    /// empty one.
    ///
    /// # Source
    /// Variable-order Markov models by blending: Bell, Cleary and Witten, Text Compression (1990), section 6.2; the weight
    /// of a shorter context as MacKay and Bauman Peto, A hierarchical Dirichlet language model, Natural Language
    /// Engineering 1 (1995), equation 15.
    pub(super) fn of<'a>(
        events: impl Iterator<Item = Seen<'a>>,
        order: usize,
        fewest_patients: usize,
        prior_rows: f64,
    ) -> Self {
        type Counted = (BTreeMap<u32, f64>, usize, Option<usize>);
        let mut counts: BTreeMap<Vec<u32>, Counted> = BTreeMap::new();
        counts.insert(Vec::new(), (BTreeMap::new(), fewest_patients, None));
        for event in events {
            for length in 0..=order.min(event.before.len()) {
                let context = event.before[event.before.len() - length..].to_vec();
                let (codes, patients, last) = counts.entry(context).or_default();
                *codes.entry(event.code).or_default() += 1.0;
                // Events come patient by patient.
                *patients += usize::from(last.replace(event.patient) != Some(event.patient));
            }
        }
        let kept = counts.into_iter().filter(|(_, (_, patients, _))| *patients >= fewest_patients);
        let contexts = kept.map(|(context, (codes, ..))| (context, codes.into_iter().collect())).collect();
        Self::Contexts { order, prior_rows, contexts }
    }

    /// The next code: of the longest known context with the chance of its rows against those of prior knowledge, else of
    /// the next shorter one.
    pub(super) fn draw(&self, before: &[u32], mut uniform: impl FnMut() -> f64) -> u32 {
        match self {
            Self::Last { shares, contexts } => {
                let place = before.last().map_or(0, |&last| last as usize);
                shares.draw(if *contexts > 1 { place } else { 0 }, uniform())
            }
            Self::Contexts { order, prior_rows, contexts } => {
                for length in (0..=(*order).min(before.len())).rev() {
                    let context = &before[before.len() - length..];
                    let Ok(place) = contexts.binary_search_by(|(own, _)| own.as_slice().cmp(context)) else {
                        continue;
                    };
                    let codes = &contexts[place].1;
                    let rows: f64 = codes.iter().map(|(_, count)| count).sum();
                    if length == 0 || uniform() * (rows + prior_rows) < rows {
                        let shares: Vec<f64> = codes.iter().map(|(_, count)| *count).collect();
                        return codes.get(choose(&shares, uniform())).map_or(0, |(code, _)| *code);
                    }
                }
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causal::{stream, uniform};

    #[test]
    fn ref_chances_blend_contexts() {
        // After 7 comes 1 always, of 20 patients; after 8 too, but of one patient: not known.
        let mut events = Vec::new();
        for patient in 0..20 {
            events.push((patient, vec![7], 1));
            events.push((patient, vec![], 2));
            events.push((patient, vec![9, 2], 3));
        }
        events.push((20, vec![8], 1));
        let seen =
            events.iter().map(|(patient, before, code)| Seen { patient: *patient, before, code: *code });
        let model = CodeModel::of(seen, 2, 5, 5.0);
        let mut random = stream(1, 0);
        let mut share = |before: &[u32], code| {
            let drawn = (0..20_000).filter(|_| model.draw(before, || uniform(&mut random)) == code);
            drawn.count() as f64 / 20_000.0
        };
        let alone = 21.0 / 61.0;
        // A standard error is at most 0.0035.
        assert!((share(&[], 1) - alone).abs() < 0.015);
        assert!((share(&[8], 1) - alone).abs() < 0.015);
        assert!((share(&[7], 1) - (20.0 + 5.0 * alone) / 25.0).abs() < 0.015);
        let short = (20.0 + 5.0 * 20.0 / 61.0) / 25.0;
        assert!((share(&[9, 2], 3) - (20.0 + 5.0 * short) / 25.0).abs() < 0.015);
        let CodeModel::Contexts { contexts, .. } = &model else { unreachable!() };
        assert!(contexts.iter().all(|(context, _)| context != &[8]));
    }
}
