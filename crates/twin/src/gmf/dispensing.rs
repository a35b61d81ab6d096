//! The first issue of a medicine of the practice: sent to the pharmacy, and at work once handed out.
//!
//! # Limits
//! Further issues are ordered ahead and keep nobody waiting: they are not asked of the pharmacy. A hospital
//! hands its own medicines out at once.

use super::contacts::demand_by;
use super::interpreter::Interpreter;
use super::spec::BeginSpec;
use super::state::StateKind;
use crate::engine::{Context, Moment, Plan};
use crate::patient::{Entry, Patient};
use crate::supply::{DemandKind, Outcome};

/// Process 0, life itself, fetches medicines: the module that ordered them goes on meanwhile.
const FETCHES: u16 = 0;

/// A medicine sent to the pharmacy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dispensing {
    /// The pharmacy's answer to it is this one's.
    demand: u32,
    /// What the order wrote.
    pub(crate) artefact: u32,
    /// By how much its effects are multiplied: response and adherence.
    scale: f64,
    /// When it was handed out.
    pub(crate) dispensed: Option<Moment>,
}

impl Interpreter {
    /// Sends an order to the pharmacy; its effects wait for the medicine.
    pub(super) fn send_to_pharmacy(
        spec: &BeginSpec,
        artefact: u32,
        scale: f64,
        patient: &mut Patient,
        context: &mut Context,
    ) {
        let items = u8::try_from(spec.codes.len()).unwrap_or(u8::MAX);
        let demand = demand_by(FETCHES, patient, context, DemandKind::Pharmacy { items });
        patient.dispensings.push(Dispensing { demand, artefact, scale, dispensed: None });
    }

    /// Carries out the pharmacy's answer: a medicine still on the list begins to work.
    pub(crate) fn fetch(&self, patient: &mut Patient, context: &mut Context, plan: &Plan) {
        let Some((demand, Outcome::Pharmacy { dispensed })) = context.take_answer(plan) else { return };
        let Some(own) = patient.dispensings.iter_mut().find(|own| own.demand == demand) else { return };
        own.dispensed = Some(dispensed);
        let (artefact, scale) = (own.artefact, own.scale);
        let ordered = |entry: &&Entry| {
            patient.facts.get(entry.fact as usize).is_some_and(|fact| fact.artefact == artefact)
        };
        let Some(entry) = patient.entries.iter().find(ordered).copied() else { return };
        let StateKind::Begin(spec) = &self.program.state(entry.state).kind else { return };
        Self::begin_effects(spec, entry.fact, scale, patient, context.now());
    }

    /// Lets the effects of something begun act from a moment on.
    pub(super) fn begin_effects(spec: &BeginSpec, fact: u32, scale: f64, patient: &mut Patient, at: Moment) {
        for effect in &spec.effects {
            let mut effect = *effect;
            effect.change *= scale;
            effect.change_per_year *= scale;
            patient.begin_effect(at, fact, effect);
        }
    }
}
