//! Symptoms: for each, what every module makes of it; the worst counts.

use crate::names::SymptomId;

#[derive(Clone, Copy, Debug)]
struct Cause {
    module: u32,
    value: i32,
    is_addressed: bool,
}

/// A person's symptoms.
#[derive(Clone, Debug)]
pub(crate) struct Symptoms {
    by_symptom: Vec<Vec<Cause>>,
    touched: Vec<SymptomId>,
}

impl Symptoms {
    pub(crate) fn new(count: usize) -> Self {
        Self { by_symptom: vec![Vec::new(); count], touched: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        for symptom in self.touched.drain(..) {
            self.by_symptom[symptom.index()].clear();
        }
    }

    pub(crate) fn set(&mut self, symptom: SymptomId, module: u32, value: i32) {
        let causes = &mut self.by_symptom[symptom.index()];
        if causes.is_empty() {
            self.touched.push(symptom);
        }
        let cause = Cause { module, value, is_addressed: false };
        match causes.iter_mut().find(|cause| cause.module == module) {
            Some(known) => *known = cause,
            None => causes.push(cause),
        }
    }

    /// The worst value over all causes that nobody has addressed.
    pub(crate) fn value(&self, symptom: SymptomId) -> i32 {
        self.by_symptom[symptom.index()]
            .iter()
            .filter(|cause| !cause.is_addressed)
            .fold(0, |worst, cause| worst.max(cause.value))
    }

    pub(crate) fn total(&self) -> i32 {
        self.touched.iter().fold(0_i32, |total, symptom| total.saturating_add(self.value(*symptom)))
    }

    /// Someone sees to the worst cause of the worst symptom.
    pub(crate) fn address_worst(&mut self) {
        let mut worst: Option<(SymptomId, usize, i32)> = None;
        for symptom in &self.touched {
            for (place, cause) in self.by_symptom[symptom.index()].iter().enumerate() {
                if !cause.is_addressed && cause.value > worst.map_or(0, |(_, _, value)| value) {
                    worst = Some((*symptom, place, cause.value));
                }
            }
        }
        if let Some((symptom, place, _)) = worst {
            self.by_symptom[symptom.index()][place].is_addressed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_the_worst_cause_counts_until_it_is_addressed() {
        let mut symptoms = Symptoms::new(2);
        symptoms.set(SymptomId(0), 1, 30);
        symptoms.set(SymptomId(0), 2, 50);
        symptoms.set(SymptomId(1), 1, 20);
        assert_eq!((symptoms.value(SymptomId(0)), symptoms.total()), (50, 70));
        symptoms.address_worst();
        assert_eq!((symptoms.value(SymptomId(0)), symptoms.total()), (30, 50));
        symptoms.set(SymptomId(0), 2, 10);
        assert_eq!(symptoms.total(), 50);
        symptoms.clear();
        assert_eq!(symptoms.total(), 0);
    }
}
