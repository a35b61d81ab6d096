//! The weekly loop: every week, or only those in which something can move.
//!
//! # Source
//! Synthea's `Generator.updatePerson`: schedule first, then the modules by path with the host's own
//! among them, then the end of the schedule's visit.

use crate::ir::Class;
use crate::life::{Life, Owner, Record};
use crate::names::TextId;

/// Where the host's turn stands among the modules: the engine's own module sorts by this name.
const HOST: &str = "Lifecycle";

impl Life<'_> {
    /// Lives until death or the end of the run.
    pub(crate) fn live(&mut self) {
        let host_place = self
            .library
            .top_level
            .partition_point(|module| self.library.module(*module).path.as_str() < HOST);
        let mut week = 0;
        loop {
            self.week = week;
            self.now_ms = self.week_ms(week);
            if self.now_ms >= self.terms.end_ms || !self.is_alive(self.now_ms) {
                break;
            }
            self.one_week(host_place);
            week = if self.terms.is_naive {
                week + 1
            } else {
                let soon = week + 1;
                self.waiting.next(soon).min(self.schedule_due).min(self.host_due).max(soon)
            };
            if week == u32::MAX {
                break;
            }
        }
        self.finish();
    }

    fn one_week(&mut self, host_place: usize) {
        let is_naive = self.terms.is_naive;
        self.is_outside = true;
        self.waiting.run_outside(true);
        if is_naive || self.schedule_due <= self.week {
            self.keep_schedule();
        }
        let modules = self.library.top_level.len();
        self.run_modules(0, host_place);
        self.host_turn(host_place);
        self.run_modules(host_place, modules);
        self.is_outside = true;
        self.waiting.run_outside(false);
        self.end_schedule();
    }

    /// Runs the modules of a range that can move, in order; one may set a later one free.
    fn run_modules(&mut self, from: usize, to: usize) {
        self.is_outside = false;
        let mut module = from;
        while let Some(next) = self.waiting.next_due(module, to, self.week, self.terms.is_naive) {
            self.waiting.run(next);
            if self.run_module(next, self.now_ms) {
                self.waiting.end(next);
            } else {
                self.rest(next);
            }
            module = next + 1;
        }
    }

    fn host_turn(&mut self, before: usize) {
        self.is_outside = true;
        if self.host_due <= self.week && self.is_alive(self.now_ms) {
            self.waiting.run_before(before);
            self.live_on();
        }
    }

    /// Ends what is open when the run or the life is over.
    fn finish(&mut self) {
        if matches!(self.owner, Some(Owner::Module(_) | Owner::Schedule)) {
            let last_ms = self.week_ms(self.week).min(self.terms.end_ms);
            let end_ms = self.death_ms.map_or(last_ms, |death_ms| death_ms.min(last_ms));
            if let Some(place) = self.record.current_encounter(self.terms.end_ms) {
                let class = self.record.encounters[place].class;
                self.record.end_encounter(class, end_ms);
            }
            self.owner = None;
        }
        self.certify();
    }

    /// A death with a cause is certified at the step that follows it.
    fn certify(&mut self) {
        let Some(death_ms) = self.death_ms.filter(|death_ms| *death_ms <= self.terms.end_ms) else { return };
        if let Some(cause) = self.cause {
            let time_ms = self.week_ms(self.week_at(death_ms));
            let mut certificate = Record::encounter(Class::Wellness, time_ms, TextId(u32::MAX));
            certificate.coding = self.library.host.words.death_certification;
            certificate.reason = Some(cause);
            certificate.has_ended = true;
            self.record.start_encounter(certificate);
        }
    }
}
