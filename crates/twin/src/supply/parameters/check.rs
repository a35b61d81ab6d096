//! Holds settings to their permitted ranges.

use super::{Hours, LaneParameters, LeadRates, SessionParameters, SupplyError, SupplyParameters, UnitCost};
use crate::supply::{ClosedSet, Modality, Specialty, Ward};

/// Slots of a session are the bits of one word.
pub(crate) const MAX_SLOTS_PER_SESSION: u16 = 64;
/// Far more than any service has; keeps tables of beds and slots in memory.
const MAX_PER_1000: f64 = 1_000.0;
const MAX_PER_1000_PER_YEAR: f64 = 100_000.0;
const MAX_HORIZON_DAYS: u16 = 250;
const MAX_NOTICE_DAYS: u16 = 60;
const MAX_MINUTES: f64 = 10_080.0;
const MAX_DAYS: f64 = 365.0;
const MAX_WEEKS: f64 = 520.0;
const MAX_COST: f64 = 1_000_000.0;

/// Says whether the settings can be run.
pub(super) fn check(parameters: &SupplyParameters, file: &str) -> Result<(), SupplyError> {
    let checker = Checker { file };
    checker.primary_care(parameters)?;
    checker.emergency(parameters)?;
    checker.outpatient(parameters)?;
    checker.beds(parameters)?;
    checker.imaging(parameters)?;
    checker.laboratory(parameters)
}

type Checked = Result<(), SupplyError>;

struct Checker<'file> {
    file: &'file str,
}

impl Checker<'_> {
    fn range(&self, field: &str, value: f64, permitted: &'static str, holds: bool) -> Checked {
        // A comparison with NaN is false, so NaN never holds.
        if holds {
            return Ok(());
        }
        Err(SupplyError::Range { file: self.file.to_owned(), field: field.to_owned(), value, permitted })
    }

    fn share(&self, field: &str, value: f64) -> Checked {
        self.range(field, value, "0 to 1", (0.0..=1.0).contains(&value))
    }

    fn per_1000(&self, field: &str, value: f64) -> Checked {
        self.range(field, value, "0 to 1000", (0.0..=MAX_PER_1000).contains(&value))
    }

    /// A service without which people would wait for ever.
    fn above_zero(&self, field: &str, value: f64) -> Checked {
        self.range(field, value, "above 0, up to 1000", value > 0.0 && value <= MAX_PER_1000)
    }

    fn per_1000_per_year(&self, field: &str, value: f64) -> Checked {
        self.range(field, value, "0 to 100000", (0.0..=MAX_PER_1000_PER_YEAR).contains(&value))
    }

    fn minutes(&self, field: &str, value: f64) -> Checked {
        self.range(field, value, "0 to 10080 minutes", (0.0..=MAX_MINUTES).contains(&value))
    }

    fn days(&self, field: &str, value: f64) -> Checked {
        self.range(field, value, "0 to 365 days", (0.0..=MAX_DAYS).contains(&value))
    }

    fn weeks(&self, field: &str, value: f64) -> Checked {
        self.range(field, value, "0 to 520 weeks", (0.0..=MAX_WEEKS).contains(&value))
    }

    fn minute_of_day(&self, field: &str, value: u16) -> Checked {
        self.range(field, f64::from(value), "0 to 1439", value < super::MINUTES_PER_DAY)
    }

    fn cost(&self, field: &str, cost: UnitCost) -> Checked {
        for (name, value) in [("gbp", cost.gbp), ("carbon_kg", cost.carbon_kg)] {
            let holds = (0.0..=MAX_COST).contains(&value);
            self.range(&format!("{field}.cost.{name}"), value, "0 to 1000000", holds)?;
        }
        Ok(())
    }

    fn shape(&self, field: &str, found: String, permitted: &'static str) -> SupplyError {
        SupplyError::Shape { file: self.file.to_owned(), field: field.to_owned(), found, permitted }
    }

    fn lead_rates(&self, field: &str, rates: &LeadRates) -> Checked {
        for (name, value) in [
            ("same_day", rates.same_day),
            ("next_day", rates.next_day),
            ("within_week", rates.within_week),
            ("within_fortnight", rates.within_fortnight),
            ("later", rates.later),
        ] {
            self.share(&format!("{field}.{name}"), value)?;
        }
        Ok(())
    }

    fn primary_care(&self, parameters: &SupplyParameters) -> Checked {
        let attendance = &parameters.attendance;
        self.lead_rates("attendance.did_not_attend", &attendance.did_not_attend)?;
        self.lead_rates("attendance.cancelled_by_patient", &attendance.cancelled_by_patient)?;
        self.share("attendance.hospital_did_not_attend", attendance.hospital_did_not_attend)?;
        self.share("attendance.hospital_cancelled_by_provider", attendance.hospital_cancelled_by_provider)?;
        let practice = &parameters.practice;
        self.sessions("practice.general_practitioner", &practice.general_practitioner)?;
        self.sessions("practice.nurse", &practice.nurse)?;
        self.sessions("practice.telephone", &practice.telephone)?;
        self.sessions("practice.home_visit", &practice.home_visit)?;
        let from = practice.routine_calls_from_minute;
        let within = (practice.calls.first_minute()..practice.calls.last_minute()).contains(&from);
        self.range("practice.routine_calls_from_minute", f64::from(from), "within practice.calls", within)?;
        self.minute_of_day("practice.absence_known_minute", practice.absence_known_minute)?;
        let spread = practice.calls_spread_days;
        for (field, days) in [("soon", spread.soon), ("routine", spread.routine)] {
            let field = format!("practice.calls_spread_days.{field}");
            self.range(&field, f64::from(days), "1 to 10", (1..=10).contains(&days))?;
        }
        for (field, lead) in
            [("practice.lead.soon", &practice.lead.soon), ("practice.lead.routine", &practice.lead.routine)]
        {
            self.share(&format!("{field}.first_free_share"), lead.first_free_share)?;
            self.days(&format!("{field}.median_days"), lead.median_days)?;
            let spread = lead.spread;
            self.range(&format!("{field}.spread"), spread, "0 to 3", (0.0..=3.0).contains(&spread))?;
        }
        let night = &parameters.out_of_hours;
        self.per_1000("out_of_hours.clinicians_per_1000", night.clinicians_per_1000)?;
        self.minutes("out_of_hours.call_back_minutes", night.call_back_minutes)?;
        self.cost("out_of_hours", night.cost)?;
        let pharmacy = &parameters.pharmacy;
        self.above_zero("pharmacy.dispensers_per_1000", pharmacy.dispensers_per_1000)?;
        self.minutes("pharmacy.minutes_per_item", pharmacy.minutes_per_item)?;
        self.days("pharmacy.visit_delay_days", pharmacy.visit_delay_days)?;
        self.cost("pharmacy", pharmacy.cost)
    }

    fn sessions(&self, field: &str, sessions: &SessionParameters) -> Checked {
        let of = |name: &str| format!("{field}.{name}");
        let slots = sessions.slots_per_1000_per_week;
        self.range(
            &of("slots_per_1000_per_week"),
            slots,
            "0 to 1000",
            (0.0..=MAX_PER_1000).contains(&slots),
        )?;
        let length = f64::from(sessions.slot_minutes);
        self.range(&of("slot_minutes"), length, "1 to 240", (1.0..=240.0).contains(&length))?;
        self.session_hours(&of("sessions"), &sessions.sessions, sessions.slot_minutes)?;
        for share in sessions.weekday_shares {
            self.share(&of("weekday_shares"), share)?;
        }
        let sum: f64 = sessions.weekday_shares.iter().sum();
        self.range(&of("weekday_shares"), sum, "five shares that sum to 1", (sum - 1.0).abs() < 1e-6)?;
        self.share(&of("same_day_share"), sessions.same_day_share)?;
        self.share(&of("soon_share"), sessions.soon_share)?;
        let embargoed = sessions.same_day_share + sessions.soon_share;
        self.range(&of("same_day_share + soon_share"), embargoed, "at most 1", embargoed <= 1.0 + 1e-9)?;
        let horizon = sessions.horizon_days;
        self.range(
            &of("horizon_days"),
            f64::from(horizon),
            "1 to 250",
            (1..=MAX_HORIZON_DAYS).contains(&horizon),
        )?;
        let release = sessions.soon_release_days;
        self.range(&of("soon_release_days"), f64::from(release), "0 to horizon_days", release <= horizon)?;
        let above = sessions.extra_above_days;
        self.range(&of("extra_above_days"), f64::from(above), "0 to 250", above <= MAX_HORIZON_DAYS)?;
        self.share(&of("extra_share"), sessions.extra_share)?;
        self.share(&of("session_lost_probability"), sessions.session_lost_probability)?;
        let late = sessions.late_minutes_per_hour;
        self.range(&of("late_minutes_per_hour"), late, "0 to 60", (0.0..=60.0).contains(&late))?;
        self.cost(field, sessions.cost)
    }

    fn session_hours(&self, field: &str, sessions: &[Hours], slot_minutes: u16) -> Checked {
        let permitted = "sessions in order that do not overlap";
        if sessions.is_empty() {
            return Err(self.shape(field, "none".to_owned(), permitted));
        }
        if sessions.windows(2).any(|pair| pair[1].first_minute() < pair[0].last_minute()) {
            return Err(self.shape(field, "sessions that overlap or go back".to_owned(), permitted));
        }
        for hours in sessions {
            let slots = hours.minutes() / slot_minutes;
            if !(1..=MAX_SLOTS_PER_SESSION).contains(&slots) {
                return Err(self.shape(
                    field,
                    format!("a session of {slots} slots"),
                    "1 to 64 slots a session",
                ));
            }
        }
        Ok(())
    }

    fn emergency(&self, parameters: &SupplyParameters) -> Checked {
        let emergency = &parameters.emergency;
        self.per_1000("emergency.triage_nurses_per_1000", emergency.triage_nurses_per_1000)?;
        self.minutes("emergency.triage_minutes", emergency.triage_minutes)?;
        self.above_zero("emergency.care_places_per_1000", emergency.care_places_per_1000)?;
        for ratio in emergency.staffing_by_hour {
            self.range("emergency.staffing_by_hour", ratio, "0 to 10", (0.0..=10.0).contains(&ratio))?;
        }
        for (minutes, patience) in emergency.care_minutes.into_iter().zip(emergency.patience_minutes) {
            self.minutes("emergency.care_minutes", minutes)?;
            self.minutes("emergency.patience_minutes", patience)?;
        }
        let variation = emergency.care_variation;
        self.range("emergency.care_variation", variation, "0 to 5", (0.0..=5.0).contains(&variation))?;
        self.cost("emergency", emergency.cost)
    }

    fn lane(&self, field: &str, lane: &LaneParameters) -> Checked {
        self.per_1000_per_year(&format!("{field}.slots_per_1000_per_year"), lane.slots_per_1000_per_year)?;
        let length = f64::from(lane.slot_minutes);
        self.range(&format!("{field}.slot_minutes"), length, "1 to 240", (1.0..=240.0).contains(&length))?;
        self.cost(field, lane.cost)
    }

    fn notice(&self, field: &str, notice: u16, least: u16, urgent: u16, release: u16) -> Checked {
        let of = |name: &str| format!("{field}.{name}");
        let ahead = f64::from(notice);
        self.range(&of("notice_days"), ahead, "1 to 60", (1..=MAX_NOTICE_DAYS).contains(&notice))?;
        for (name, days) in [("least_notice_days", least), ("urgent_notice_days", urgent)] {
            self.range(&of(name), f64::from(days), "1 to notice_days", (1..=notice).contains(&days))?;
        }
        // Else nobody could be given enough notice of a slot that is released.
        let released = f64::from(release);
        let permitted = "least_notice_days to notice_days";
        self.range(&of("held_release_days"), released, permitted, (least..=notice).contains(&release))
    }

    fn outpatient(&self, parameters: &SupplyParameters) -> Checked {
        let clinics = &parameters.outpatient;
        self.notice(
            "outpatient",
            clinics.notice_days,
            clinics.least_notice_days,
            clinics.urgent_notice_days,
            clinics.held_release_days,
        )?;
        self.share("outpatient.held_for_urgent_share", clinics.held_for_urgent_share)?;
        self.share("outpatient.initiative_extra_share", clinics.initiative_extra_share)?;
        for specialty in Specialty::ALL {
            let field = format!("outpatient.specialties.{}", specialty.name());
            let Some(lanes) = clinics.specialties.get(specialty) else {
                return Err(SupplyError::Missing { file: self.file.to_owned(), field });
            };
            self.weeks(&format!("{field}.list_weeks"), lanes.list_weeks)?;
            self.lane(&format!("{field}.first"), &lanes.first)?;
            self.lane(&format!("{field}.follow_up"), &lanes.follow_up)?;
        }
        Ok(())
    }

    fn beds(&self, parameters: &SupplyParameters) -> Checked {
        let beds = &parameters.beds;
        self.share("beds.weekend_hold_share", beds.weekend_hold_share)?;
        self.minutes("beds.turnaround_minutes", beds.turnaround_minutes)?;
        self.share("beds.delayed_discharge_probability", beds.delayed_discharge_probability)?;
        self.days("beds.delayed_discharge_days", beds.delayed_discharge_days)?;
        self.share("beds.emergency_reserve_share", beds.emergency_reserve_share)?;
        let hours = beds.escalation_after_hours;
        self.range("beds.escalation_after_hours", hours, "0 to 8760", (0.0..=8_760.0).contains(&hours))?;
        self.minute_of_day("beds.elective_minute", beds.elective_minute)?;
        self.weeks("beds.backlog_weeks", beds.backlog_weeks)?;
        self.weeks("beds.initiative_above_weeks", beds.initiative_above_weeks)?;
        self.share("beds.initiative_extra_share", beds.initiative_extra_share)?;
        for kind in Ward::ALL {
            let field = format!("beds.wards.{}", kind.name());
            let Some(ward) = beds.wards.get(kind) else {
                return Err(SupplyError::Missing { file: self.file.to_owned(), field });
            };
            self.per_1000(&format!("{field}.beds_per_1000"), ward.beds_per_1000)?;
            let elective = format!("{field}.elective_per_1000_per_year");
            self.per_1000_per_year(&elective, ward.elective_per_1000_per_year)?;
            if ward.outliers_to.contains(kind) {
                let field = format!("{field}.outliers_to");
                return Err(self.shape(&field, kind.name().to_owned(), "other wards"));
            }
            self.cost(&field, ward.cost)?;
        }
        Ok(())
    }

    fn imaging(&self, parameters: &SupplyParameters) -> Checked {
        let imaging = &parameters.imaging;
        self.notice(
            "imaging",
            imaging.notice_days,
            imaging.least_notice_days,
            imaging.urgent_notice_days,
            imaging.held_release_days,
        )?;
        self.share("imaging.held_for_urgent_share", imaging.held_for_urgent_share)?;
        self.weeks("imaging.backlog_weeks", imaging.backlog_weeks)?;
        self.weeks("imaging.initiative_above_weeks", imaging.initiative_above_weeks)?;
        self.share("imaging.initiative_extra_share", imaging.initiative_extra_share)?;
        self.per_1000("imaging.emergency_rooms_per_1000", imaging.emergency_rooms_per_1000)?;
        self.minutes("imaging.emergency_delay_minutes", imaging.emergency_delay_minutes)?;
        self.minutes("imaging.emergency_report_minutes", imaging.emergency_report_minutes)?;
        for modality in Modality::ALL {
            let field = format!("imaging.modalities.{}", modality.name());
            let Some(machine) = imaging.modalities.get(modality) else {
                return Err(SupplyError::Missing { file: self.file.to_owned(), field });
            };
            self.lane(&format!("{field}.booked"), &machine.booked)?;
            self.days(&format!("{field}.urgent_report_days"), machine.urgent_report_days)?;
            self.days(&format!("{field}.routine_report_days"), machine.routine_report_days)?;
        }
        Ok(())
    }

    fn laboratory(&self, parameters: &SupplyParameters) -> Checked {
        let laboratory = &parameters.laboratory;
        let field = "laboratory.collection_minutes";
        for minute in &laboratory.collection_minutes {
            self.minute_of_day(field, *minute)?;
        }
        let rising = laboratory.collection_minutes.windows(2).all(|pair| pair[0] < pair[1]);
        if laboratory.collection_minutes.is_empty() || !rising {
            let found = format!("{:?}", laboratory.collection_minutes);
            return Err(self.shape(field, found, "at least one minute of the day, in rising order"));
        }
        let interval = f64::from(laboratory.batch_interval_minutes);
        self.range(
            "laboratory.batch_interval_minutes",
            interval,
            "1 to 1440",
            (1.0..=1440.0).contains(&interval),
        )?;
        let places = laboratory.batch_places_per_1000;
        self.above_zero("laboratory.batch_places_per_1000", places)?;
        self.minutes("laboratory.transport_minutes", laboratory.transport_minutes)?;
        self.minutes("laboratory.urgent_transport_minutes", laboratory.urgent_transport_minutes)?;
        self.minutes("laboratory.analysis_minutes", laboratory.analysis_minutes)?;
        self.minutes("laboratory.urgent_analysis_minutes", laboratory.urgent_analysis_minutes)?;
        self.share("laboratory.manual_authorisation_share", laboratory.manual_authorisation_share)?;
        self.cost("laboratory", laboratory.cost)
    }
}
