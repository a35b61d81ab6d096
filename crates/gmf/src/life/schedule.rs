//! Visits that no module asks for: wellness by age, and care sought for symptoms.
//!
//! # Source
//! Synthea's `EncounterModule`.

use crate::calendar::DAY_MS;
use crate::ir::Class;
use crate::life::waiting::{STARTED, SYMPTOM};
use crate::life::{Life, Owner, Record};

const SEES_A_DOCTOR: i32 = 300;
const SEEKS_URGENT_CARE: i32 = 350;
const SEEKS_EMERGENCY_CARE: i32 = 500;
const MONTH_MS: i64 = 30 * DAY_MS;
const YEAR_MS: i64 = 365 * DAY_MS;
/// Ages in months at which the interval between wellness visits changes.
const TURNS: [i32; 7] = [2, 6, 18, 48, 240, 480, 600];

impl Life<'_> {
    /// Begins a visit if one is due this week.
    pub(crate) fn keep_schedule(&mut self) {
        if self.owner.is_some() {
            // Looked at again when the encounter ends.
            self.schedule_due = u32::MAX;
            return;
        }
        let (time_ms, words) = (self.now_ms, &self.library.host.words);
        let total = self.symptoms.total();
        if self.is_wellness_due(time_ms) {
            let coding =
                if self.years(time_ms) < 18 { words.well_child_visit } else { words.general_examination };
            self.visit(Class::Wellness, coding);
        } else if total > SEES_A_DOCTOR && self.last_visit_symptoms.unwrap_or(0) != total {
            let (class, coding) = if total > SEEKS_EMERGENCY_CARE {
                (Class::Emergency, words.emergency)
            } else if total > SEEKS_URGENT_CARE {
                (Class::UrgentCare, words.urgent_care)
            } else {
                (Class::Outpatient, words.check_up)
            };
            self.last_visit_symptoms = Some(total);
            self.symptoms.address_worst();
            self.stir(SYMPTOM);
            self.visit(class, coding);
        }
        self.plan_schedule();
    }

    fn visit(&mut self, class: Class, coding: Option<crate::names::CodingId>) {
        let name = self
            .library
            .top_level
            .first()
            .map_or(crate::names::TextId(0), |module| self.library.module(*module).name);
        let mut encounter = Record::encounter(class, self.now_ms, name);
        encounter.coding = coding;
        self.owner = Some(Owner::Schedule);
        self.record.start_encounter(encounter);
        self.stir(STARTED);
    }

    /// Ends the visit the schedule began, at the end of its week.
    pub(crate) fn end_schedule(&mut self) {
        if self.owner == Some(Owner::Schedule) {
            for class in [Class::Wellness, Class::Outpatient, Class::Emergency, Class::UrgentCare] {
                // Only one of them is the schedule's, and nobody else can have opened one meanwhile.
                self.record.end_encounter(class, self.now_ms);
            }
            self.release();
            self.plan_schedule();
        }
    }

    fn is_wellness_due(&self, time_ms: i64) -> bool {
        self.record.last_wellness_ms().is_none_or(|last_ms| time_ms - last_ms >= self.interval_ms(time_ms))
    }

    fn interval_ms(&self, time_ms: i64) -> i64 {
        let months = self.months(time_ms);
        let interval_ms = match months {
            ..=1 => MONTH_MS,
            2..=5 => 2 * MONTH_MS,
            6..=17 => 3 * MONTH_MS,
            18..=47 => 6 * MONTH_MS,
            240..=479 => 3 * YEAR_MS,
            480..=599 => 2 * YEAR_MS,
            _ => YEAR_MS,
        };
        if self.record.chronic.is_empty() { interval_ms } else { interval_ms.min(YEAR_MS) }
    }

    /// The next week in which a visit can become due.
    fn plan_schedule(&mut self) {
        let soon = self.week + 1;
        let total = self.symptoms.total();
        if total > SEES_A_DOCTOR && self.last_visit_symptoms.unwrap_or(0) != total {
            self.schedule_due = soon;
            return;
        }
        let last_ms = self.record.last_wellness_ms().unwrap_or(self.birth_ms);
        let due_ms = last_ms.saturating_add(self.interval_ms(self.now_ms));
        // At a turn of age the interval changes.
        let months = self.months(self.now_ms);
        let turn = TURNS.into_iter().find(|turn| *turn > months);
        let turn_ms = turn.map_or(i64::MAX, |turn| self.birth.turns_months_ms(turn));
        self.schedule_due = self.week_at(due_ms.min(turn_ms)).max(soon);
    }
}
