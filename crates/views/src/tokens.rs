//! The words that features and sequences are made of.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{Visible, VisibleEvent};

/// Longest text that may be a category rather than prose.
const LONGEST_CATEGORY: usize = 48;

/// Codes of what somebody belongs to: the text names a home or a practice, which joins people and says nothing
/// of one alone.
const AFFILIATIONS: [&str; 2] = ["HOUSEHOLD", "PRACTICE"];

/// Whether an event tells only with whom somebody lives or is registered. Tables and sequences leave it out, as
/// a column for each home would tell people apart, not what becomes of them; graphs across people read it.
pub(crate) fn is_affiliation(event: &VisibleEvent<'_>) -> bool {
    AFFILIATIONS.contains(&event.code().as_str())
}

/// Calls `take` with each token of an event: its code, and `code=text` where it holds a category. What
/// [`is_affiliation`] tells has none.
pub(crate) fn for_each_token(event: &VisibleEvent<'_>, joined: &mut String, mut take: impl FnMut(&str)) {
    let code = event.code().as_str();
    if is_affiliation(event) {
        return;
    }
    take(code);
    if let Some(text) = event.text_value().filter(|text| text.len() <= LONGEST_CATEGORY) {
        joined.clear();
        joined.push_str(code);
        joined.push('=');
        joined.push_str(text);
        take(joined);
    }
}

/// How many subjects' views hold each word, words in order.
///
/// Subjects, not views, are counted, so that one subject with many instances can't bring a rare word
/// (which may identify) into the vocabulary.
pub(crate) fn support(
    views: &[Visible<'_>],
    words: impl Fn(&Visible<'_>, &mut dyn FnMut(&str)) + Sync,
) -> BTreeMap<String, u32> {
    let mut order: Vec<usize> = (0..views.len()).collect();
    order.sort_by_key(|&index| views[index].subject_id());
    let groups: Vec<&[usize]> =
        order.chunk_by(|&left, &right| views[left].subject_id() == views[right].subject_id()).collect();
    groups
        .par_iter()
        .fold(FxHashMap::<String, u32>::default, |mut counts, group| {
            let mut seen = FxHashSet::<String>::default();
            for &index in *group {
                words(&views[index], &mut |word| {
                    if !seen.contains(word) {
                        seen.insert(word.to_owned());
                    }
                });
            }
            for word in seen {
                *counts.entry(word).or_insert(0) += 1;
            }
            counts
        })
        .reduce(FxHashMap::default, |mut left, right| {
            for (word, count) in right {
                *left.entry(word).or_insert(0) += count;
            }
            left
        })
        .into_iter()
        .collect()
}
