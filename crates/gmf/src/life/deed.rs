//! What states write into the record.

use crate::ir::{
    Action, End, EndKind, EndOf, Observation, Observed, Onset, OnsetKind, Order, Plan, Procedure, Reason,
};
use crate::life::conduct::rounded;
use crate::life::history::Pending;
use crate::life::waiting::{CHRONIC, OBSERVATION, present_channel};
use crate::life::{Entry, Kind, Life, NEVER, Owner};
use crate::names::{AttributeId, CodingId, HistoryId, KeyId, StateId, TextId};
use crate::value::Value;

impl Life<'_> {
    /// Writes what a state records.
    pub(crate) fn record_deed(
        &mut self,
        action: &Action,
        id: StateId,
        history: HistoryId,
        top: usize,
        time_ms: i64,
    ) {
        match action {
            Action::Onset(onset) => self.begin_onset(onset, id, history, top, time_ms),
            Action::End(end) => self.end_of(end, time_ms),
            Action::Order(order) => self.order(order, id, history, time_ms),
            Action::Plan(plan) => self.plan(plan, id, history, time_ms),
            Action::Observation(observation) => {
                self.observe(observation, id, 0, true, top, time_ms);
            }
            Action::MultiObservation { codings, parts, .. } => {
                self.observe_all(parts, id, false, top, time_ms);
                self.group(Kind::MultiObservation, codings, id, time_ms);
            }
            Action::Report { codings, parts } => {
                self.observe_all(parts, id, true, top, time_ms);
                self.group(Kind::Report, codings, id, time_ms);
            }
            Action::ImagingStudy(study) => {
                let mut images = 0.0;
                let series =
                    study.series_range.map(|(low, high)| self.streams[top].between(low, high + 1.0).floor());
                let count = series.unwrap_or(study.series.len() as f64) as usize;
                for place in 0..count {
                    let one = study.series.get(if series.is_some() { 0 } else { place });
                    let Some(one) = one else { break };
                    images += match one.instance_range {
                        Some((low, high)) => self.streams[top].between(low, high + 1.0).floor(),
                        None => f64::from(one.instances),
                    };
                }
                let mut entry = self.entry(Kind::ImagingStudy, study.procedure, id, time_ms);
                entry.value = Value::Number(images);
                self.record.add(entry);
                let mut procedure = self.entry(Kind::Procedure, study.procedure, id, time_ms);
                procedure.stop_ms = time_ms + 30 * crate::calendar::MINUTE_MS;
                self.make_present(procedure);
            }
            Action::Device { coding, assign } => {
                let entry = self.entry(Kind::Device, *coding, id, time_ms);
                let place = self.make_present(entry);
                self.assign_entry(*assign, place);
            }
            Action::Supplies(supplies) => {
                for (coding, quantity) in supplies {
                    let mut entry = self.entry(Kind::Supply, *coding, id, time_ms);
                    entry.value = Value::Integer(*quantity);
                    self.record.add(entry);
                }
            }
            Action::Vaccine { codings, series } => {
                if let Some(coding) = codings.first() {
                    let mut entry = self.entry(Kind::Immunisation, *coding, id, time_ms);
                    entry.value = Value::Integer(*series);
                    self.record.add(entry);
                }
            }
            _ => {}
        }
    }

    fn entry(&self, kind: Kind, coding: CodingId, id: StateId, time_ms: i64) -> Entry {
        Entry {
            kind,
            coding,
            key: self.library.key(coding),
            state: Some(id),
            part: 0,
            name: self.name_of(id),
            start_ms: time_ms,
            stop_ms: NEVER,
            encounter: self.record.current_encounter(time_ms).unwrap_or(0) as u32,
            value: Value::Nil,
            reason: None,
        }
    }

    fn make_present(&mut self, entry: Entry) -> usize {
        let place = self.record.add_present(entry);
        self.stir(present_channel(entry.key));
        place
    }

    fn assign_entry(&mut self, assign: Option<AttributeId>, place: usize) {
        if let Some(attribute) = assign {
            self.set_attribute(attribute, Value::Entry(place as u32));
        }
    }

    fn begin_onset(&mut self, onset: &Onset, id: StateId, history: HistoryId, top: usize, time_ms: i64) {
        let Some(coding) = onset.codings.first().copied() else { return };
        let is_now = onset.target_encounter.is_none_or(|target| {
            self.owner == Some(Owner::Module(top as u32))
                && self
                    .record
                    .current_encounter(time_ms)
                    .is_some_and(|place| self.record.encounters[place].name == target)
        });
        if is_now {
            self.diagnose(onset, id, time_ms);
            return;
        }
        self.histories[history.index()].pending.push(Pending { onset: id });
        if onset.assign.is_some() {
            let latent = self.entry(Kind::Latent, coding, id, time_ms);
            let place = self.record.add(latent);
            self.assign_entry(onset.assign, place);
        }
    }

    fn diagnose(&mut self, onset: &Onset, id: StateId, time_ms: i64) {
        let Some(coding) = onset.codings.first().copied() else { return };
        let kind = match onset.kind {
            OnsetKind::Condition => Kind::Condition,
            OnsetKind::Allergy => Kind::Allergy,
        };
        let place = if let Some(place) = self.record.present_place(self.library.key(coding)) {
            // Present already: it goes by the name of the latest state that began it.
            self.record.entries[place].name = self.name_of(id);
            place
        } else {
            let entry = self.entry(kind, coding, id, time_ms);
            self.make_present(entry)
        };
        self.assign_entry(onset.assign, place);
    }

    /// Diagnoses what waits for the encounter of a name.
    pub(crate) fn diagnose_pending(&mut self, encounter: TextId, history: HistoryId, time_ms: i64) {
        if self.histories[history.index()].pending.is_empty() {
            return;
        }
        let library = self.library;
        let due = |pending: &Pending| match &library.state(pending.onset).action {
            Action::Onset(onset) => onset.target_encounter == Some(encounter),
            _ => false,
        };
        let mut pending = std::mem::take(&mut self.histories[history.index()].pending);
        // The engine searches from the newest state to the oldest.
        for each in pending.iter().rev().filter(|each| due(each)) {
            if let Action::Onset(onset) = &library.state(each.onset).action {
                self.diagnose(onset, each.onset, time_ms);
            }
        }
        pending.retain(|each| !due(each));
        self.histories[history.index()].pending = pending;
    }

    fn end_of(&mut self, end: &End, time_ms: i64) {
        match &end.of {
            EndOf::State(name) => {
                let key = self.record.present_of_state(*name).map(|entry| entry.key);
                if let Some(key) = key {
                    self.end_key(end.kind, key, time_ms);
                }
            }
            EndOf::Attribute(attribute) => {
                if let Value::Entry(place) = self.attribute(*attribute) {
                    let entry = &mut self.record.entries[place as usize];
                    let key = entry.key;
                    if entry.stop_ms == NEVER {
                        entry.stop_ms = time_ms;
                    }
                    self.end_key(end.kind, key, time_ms);
                }
            }
            EndOf::Codes(keys) => keys.iter().for_each(|key| self.end_key(end.kind, *key, time_ms)),
            EndOf::Nothing => {}
        }
    }

    fn end_key(&mut self, kind: EndKind, key: KeyId, time_ms: i64) {
        if self.record.end(key, time_ms).is_none() {
            return;
        }
        self.stir(present_channel(key));
        if kind == EndKind::Medication
            && let Some(place) = self.record.chronic.iter().position(|chronic| *chronic == key)
        {
            self.record.chronic.remove(place);
        }
    }

    fn order(&mut self, order: &Order, id: StateId, history: HistoryId, time_ms: i64) {
        let Some(coding) = order.codings.first().copied() else { return };
        let reason = order.reason.as_ref().and_then(|reason| self.reason_code(reason, history, true));
        if order.is_administration {
            let mut given = self.entry(Kind::Administration, coding, id, time_ms);
            given.stop_ms = time_ms;
            given.reason = reason;
            let place = self.record.add(given);
            self.assign_entry(order.assign, place);
            if !order.is_chronic {
                return;
            }
        }
        let key = self.library.key(coding);
        let place = if let Some(place) = self.record.present_place(key) {
            self.record.entries[place].name = self.name_of(id);
            place
        } else {
            let mut entry = self.entry(Kind::Medication, coding, id, time_ms);
            entry.reason = reason;
            self.make_present(entry)
        };
        if order.is_chronic && !self.record.chronic.contains(&key) {
            self.record.chronic.push(key);
            self.stir(CHRONIC);
        }
        self.assign_entry(order.assign, place);
    }

    fn plan(&mut self, plan: &Plan, id: StateId, history: HistoryId, time_ms: i64) {
        let Some(coding) = plan.codings.first().copied() else { return };
        let reason = plan.reason.as_ref().and_then(|reason| self.reason_code(reason, history, true));
        let place = if let Some(place) = self.record.present_place(self.library.key(coding)) {
            self.record.entries[place].name = self.name_of(id);
            place
        } else {
            let mut entry = self.entry(Kind::CarePlan, coding, id, time_ms);
            entry.reason = reason;
            self.make_present(entry)
        };
        self.assign_entry(plan.assign, place);
    }

    /// Records a procedure and gives when it ends.
    pub(crate) fn do_procedure(
        &mut self,
        procedure: &Procedure,
        id: StateId,
        history: HistoryId,
        top: usize,
        time_ms: i64,
    ) -> i64 {
        let Some(coding) = procedure.codings.first().copied() else { return time_ms };
        let duration_ms = procedure.duration.map(|duration| duration.draw_ms(&mut self.streams[top]));
        let stop_ms = time_ms.saturating_add(duration_ms.unwrap_or(0));
        let mut entry = self.entry(Kind::Procedure, coding, id, time_ms);
        entry.reason = procedure.reason.as_ref().and_then(|reason| self.reason_code(reason, history, true));
        if duration_ms.is_some() {
            entry.stop_ms = stop_ms.max(time_ms);
        }
        let place = self.make_present(entry);
        self.assign_entry(procedure.assign, place);
        stop_ms
    }

    fn observe_all(
        &mut self,
        parts: &[Observation],
        id: StateId,
        is_found_alone: bool,
        top: usize,
        time_ms: i64,
    ) {
        for (place, part) in parts.iter().enumerate() {
            self.observe(part, id, place as u16, is_found_alone, top, time_ms);
        }
    }

    /// Records an observation; those under a MultiObservation are not found by conditions.
    fn observe(
        &mut self,
        observation: &Observation,
        id: StateId,
        part: u16,
        is_found: bool,
        top: usize,
        time_ms: i64,
    ) {
        let Some(coding) = observation.codings.first().copied() else { return };
        let value = match &observation.observed {
            Observed::Exact(value) => *value,
            Observed::Range { low, high, decimals } => {
                Value::Number(rounded(self.streams[top].between(*low, *high), *decimals))
            }
            Observed::Distribution(distribution) => Value::Number(distribution.draw(&mut self.streams[top])),
            Observed::Attribute(attribute) => self.attribute(*attribute),
            Observed::VitalSign(sign) => self.asked(time_ms).read(*sign).map_or(Value::Nil, Value::Number),
            Observed::Opaque => Value::Nil,
        };
        if is_found {
            let encounter = self.record.current_encounter(time_ms).unwrap_or(0);
            self.record.observe(self.library.key(coding), encounter, value);
            self.stir(OBSERVATION);
        }
        if self.terms.keeps_observations {
            let mut entry = self.entry(Kind::Observation, coding, id, time_ms);
            entry.part = part;
            entry.value = value;
            self.record.add(entry);
        }
    }

    fn group(&mut self, kind: Kind, codings: &[CodingId], id: StateId, time_ms: i64) {
        if let (true, Some(coding)) = (self.terms.keeps_observations, codings.first()) {
            let entry = self.entry(kind, *coding, id, time_ms);
            self.record.add(entry);
        }
    }

    /// The code of a reason: an attribute's entry or code, what an earlier state began, or that state's.
    pub(crate) fn reason_code(
        &self,
        reason: &Reason,
        history: HistoryId,
        by_attribute: bool,
    ) -> Option<CodingId> {
        if let Some(attribute) = reason.attribute.filter(|_| by_attribute) {
            match self.attribute(attribute) {
                Value::Nil => {}
                Value::Entry(place) => {
                    return self.record.entries.get(place as usize).map(|entry| entry.coding);
                }
                Value::Code(coding) => return Some(coding),
                _ => return None,
            }
        }
        if self.histories[history.index()].had(reason.mark, None, None) {
            return self.record.present_of_state(reason.state).map(|entry| entry.coding);
        }
        reason.fallback
    }
}
