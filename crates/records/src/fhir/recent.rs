//! Names met lately and what bears them, in bounded memory.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::links::Bearer;

/// Names held, twice (a young and an old generation).
const NAMES_HELD: usize = 400_000;

/// Names met lately; the older half is forgotten when both halves are full.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    young: FxHashMap<u64, Arc<Bearer>>,
    old: FxHashMap<u64, Arc<Bearer>>,
}

impl Recent {
    pub(crate) fn get(&self, name: u64) -> Option<&Bearer> {
        self.young.get(&name).or_else(|| self.old.get(&name)).map(Arc::as_ref)
    }

    pub(crate) fn insert(&mut self, name: u64, bearer: &Arc<Bearer>) {
        if self.get(name).is_some() {
            return;
        }
        if self.young.len() >= NAMES_HELD {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, Arc::clone(bearer));
    }
}
