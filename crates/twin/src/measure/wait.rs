//! Waits: what people wait for, and how long, without keeping every wait.

use serde::Serialize;

/// Something people wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// From booking to an appointment with a general practitioner, telephone calls included.
    GeneralPractitioner,
    /// From booking to a nurse's appointment.
    Nurse,
    /// From arrival at the emergency department to departure.
    EmergencyDepartment,
    /// From a decision to admit as an emergency to the bed.
    EmergencyBed,
    /// From a referral to the first attendance.
    ReferralToTreatment,
    /// From the decision to the elective admission.
    ElectiveAdmission,
    /// From the request for an image to its report.
    Imaging,
    /// From the specimen to the result.
    Laboratory,
    /// From a new prescription to the medicine.
    Pharmacy,
}

impl Wait {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::GeneralPractitioner,
        Self::Nurse,
        Self::EmergencyDepartment,
        Self::EmergencyBed,
        Self::ReferralToTreatment,
        Self::ElectiveAdmission,
        Self::Imaging,
        Self::Laboratory,
        Self::Pharmacy,
    ];

    /// Its name in tables.
    pub const fn title(self) -> &'static str {
        match self {
            Self::GeneralPractitioner => "GP appointment",
            Self::Nurse => "Nurse appointment",
            Self::EmergencyDepartment => "Time in A&E",
            Self::EmergencyBed => "Emergency bed",
            Self::ReferralToTreatment => "Referral to first attendance",
            Self::ElectiveAdmission => "Elective admission",
            Self::Imaging => "Imaging",
            Self::Laboratory => "Laboratory result",
            Self::Pharmacy => "Medicine from the pharmacy",
        }
    }

    /// Its name for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GeneralPractitioner => "general_practitioner",
            Self::Nurse => "nurse",
            Self::EmergencyDepartment => "emergency_department",
            Self::EmergencyBed => "emergency_bed",
            Self::ReferralToTreatment => "referral_to_treatment",
            Self::ElectiveAdmission => "elective_admission",
            Self::Imaging => "imaging",
            Self::Laboratory => "laboratory",
            Self::Pharmacy => "pharmacy",
        }
    }

    /// The longest wait that is on target, in days.
    ///
    /// # Source
    /// NHS Constitution handbook: 4 hours in A&E, 18 weeks from referral, 6 weeks for diagnostics; 12 hours
    /// from decision to admit is NHS England's trolley-wait standard; two weeks for general practice is
    /// the ambition of 2022. One day for a laboratory result and three for a medicine are assumptions of this
    /// release.
    pub const fn target_days(self) -> f64 {
        match self {
            Self::GeneralPractitioner | Self::Nurse => 14.0,
            Self::EmergencyDepartment => 4.0 / 24.0,
            Self::EmergencyBed => 0.5,
            Self::ReferralToTreatment | Self::ElectiveAdmission => 126.0,
            Self::Imaging => 42.0,
            Self::Laboratory => 1.0,
            Self::Pharmacy => 3.0,
        }
    }
}

/// Waits counted in bins that grow by a hundredth: a quantile is right to 1 %, in fixed memory.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitDistribution {
    count: u64,
    sum_days: f64,
    within_target: u64,
    bins: Vec<u64>,
}

/// Shorter waits are counted as none: one minute.
const SHORTEST_DAYS: f64 = 1.0 / 1440.0;
const GROWTH: f64 = 1.01;

impl Default for WaitDistribution {
    fn default() -> Self {
        Self { count: 0, sum_days: 0.0, within_target: 0, bins: Vec::new() }
    }
}

impl WaitDistribution {
    /// Adds one wait; a negative one, which only a fault could bring, counts as none.
    pub fn add(&mut self, days: f64, target_days: f64) {
        let days = days.max(0.0);
        self.count += 1;
        self.sum_days += days;
        self.within_target += u64::from(days <= target_days);
        let bin =
            if days < SHORTEST_DAYS { 0 } else { 1 + ((days / SHORTEST_DAYS).ln() / GROWTH.ln()) as usize };
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += 1;
    }

    /// Adds the waits of another.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_days += other.sum_days;
        self.within_target += other.within_target;
        if self.bins.len() < other.bins.len() {
            self.bins.resize(other.bins.len(), 0);
        }
        for (bin, count) in self.bins.iter_mut().zip(&other.bins) {
            *bin += count;
        }
    }

    /// Number of waits.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean, in days.
    pub fn mean_days(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_days / self.count as f64)
    }

    /// Share of waits that were within the target.
    pub fn share_within_target(&self) -> Option<f64> {
        (self.count > 0).then(|| self.within_target as f64 / self.count as f64)
    }

    /// The wait, in days, that the given share of people did not exceed.
    pub fn quantile_days(&self, share: f64) -> Option<f64> {
        let wanted = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bin, count) in self.bins.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(if bin == 0 { 0.0 } else { SHORTEST_DAYS * GROWTH.powf(bin as f64 - 0.5) });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_quantiles_are_right_to_one_per_cent() {
        let mut waits = WaitDistribution::default();
        for hundredth in 1..=10_000 {
            waits.add(f64::from(hundredth) / 100.0, 50.0);
        }
        for share in [0.1, 0.5, 0.9, 0.99] {
            let found = waits.quantile_days(share).unwrap();
            assert!((found / (100.0 * share) - 1.0).abs() < 0.01, "{share}: {found}");
        }
        assert_eq!(waits.share_within_target(), Some(0.5));
        assert!((waits.mean_days().unwrap() - 50.005).abs() < 1e-9);
    }

    #[test]
    fn law_merging_is_adding() {
        let waits = |range: std::ops::Range<u32>| {
            let mut waits = WaitDistribution::default();
            range.for_each(|days| waits.add(f64::from(days), 14.0));
            waits
        };
        let mut merged = waits(0..10);
        merged.merge(&waits(10..40));
        assert_eq!(merged, waits(0..40));
        assert_eq!(WaitDistribution::default().quantile_days(0.9), None);
        assert_eq!(waits(0..1).quantile_days(0.9), Some(0.0));
    }
}
