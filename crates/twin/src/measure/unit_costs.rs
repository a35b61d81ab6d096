//! What a unit of each service costs in money and in carbon, as the supply file has it.

use crate::supply::{SupplyParameters, Ward};

/// Net ingredient cost of an item dispensed in the community, in pounds.
///
/// # Source
/// NHS Business Services Authority, Prescription Cost Analysis, England 2023/24: about 8.7 pounds, from memory, to
/// be checked.
const ITEM_GBP: f64 = 8.7;
/// Carbon of the medicine itself; assumption of this release.
const ITEM_CARBON_KG: f64 = 2.0;

/// Pounds and kilograms of carbon dioxide equivalent of one unit of each service.
///
/// # Source
/// The supply file names the source beside each number. Where the truth does not say which clinic, ward or machine
/// it was, the mean by their capacity stands for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitCosts {
    general_practitioner: (f64, f64),
    nurse: (f64, f64),
    telephone: (f64, f64),
    home_visit: (f64, f64),
    out_of_hours: (f64, f64),
    emergency: (f64, f64),
    outpatient: (f64, f64),
    bed_day: (f64, f64),
    day_case: (f64, f64),
    imaging: (f64, f64),
    laboratory: (f64, f64),
    medication_item: (f64, f64),
}

impl UnitCosts {
    /// The costs of a run's services.
    pub fn of(supply: &SupplyParameters) -> Self {
        let pair = |cost: crate::supply::UnitCost| (cost.gbp, cost.carbon_kg);
        let lanes = supply.outpatient.specialties.values().flat_map(|specialty| {
            [specialty.first, specialty.follow_up].map(|lane| (pair(lane.cost), lane.slots_per_1000_per_year))
        });
        let wards = supply.beds.wards.iter().filter(|(ward, _)| **ward != Ward::DayCase);
        let images = supply.imaging.modalities.values();
        let day_case = supply.beds.wards.get(&Ward::DayCase).map(|ward| pair(ward.cost));
        let dispensing = pair(supply.pharmacy.cost);
        Self {
            general_practitioner: pair(supply.practice.general_practitioner.cost),
            nurse: pair(supply.practice.nurse.cost),
            telephone: pair(supply.practice.telephone.cost),
            home_visit: pair(supply.practice.home_visit.cost),
            out_of_hours: pair(supply.out_of_hours.cost),
            emergency: pair(supply.emergency.cost),
            outpatient: mean(lanes),
            bed_day: mean(wards.map(|(_, ward)| (pair(ward.cost), ward.beds_per_1000))),
            day_case: day_case.unwrap_or_default(),
            imaging: mean(
                images.map(|image| (pair(image.booked.cost), image.booked.slots_per_1000_per_year)),
            ),
            laboratory: pair(supply.laboratory.cost),
            medication_item: (ITEM_GBP + dispensing.0, ITEM_CARBON_KG + dispensing.1),
        }
    }

    /// Pounds and kilograms of one unit of a service; nothing for one without a cost.
    pub(crate) fn service(&self, name: &str) -> (f64, f64) {
        match name {
            "general_practitioner" => self.general_practitioner,
            "nurse" => self.nurse,
            "telephone" => self.telephone,
            "home_visit" => self.home_visit,
            "out_of_hours" => self.out_of_hours,
            "emergency" => self.emergency,
            "outpatient" => self.outpatient,
            "bed_day" => self.bed_day,
            "day_case" => self.day_case,
            "imaging" => self.imaging,
            "laboratory" => self.laboratory,
            "medication_item" => self.medication_item,
            _ => (0.0, 0.0),
        }
    }
}

impl Default for UnitCosts {
    fn default() -> Self {
        Self::of(&SupplyParameters::default())
    }
}

/// Mean of costs by weight; nothing without weight.
fn mean(costs: impl Iterator<Item = ((f64, f64), f64)>) -> (f64, f64) {
    let (mut gbp, mut carbon, mut total) = (0.0, 0.0, 0.0);
    for ((pounds, kilograms), weight) in costs {
        gbp += pounds * weight;
        carbon += kilograms * weight;
        total += weight;
    }
    if total > 0.0 { (gbp / total, carbon / total) } else { (0.0, 0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn regress_costs_are_those_of_the_supply_file_and_follow_a_scenario() {
        let supply = SupplyParameters::default();
        let costs = UnitCosts::of(&supply);
        assert!((costs.service("emergency").0 - supply.emergency.cost.gbp).abs() < 1e-12);
        for service in ["outpatient", "bed_day", "day_case", "imaging", "laboratory", "medication_item"] {
            assert!(costs.service(service).0 > 0.0, "{service}");
        }
        assert_eq!(costs.service("no_such_service"), (0.0, 0.0));
        let text = "name = \"x\"\n[supply.ratio]\n\"emergency.cost.gbp\" = 2.0";
        let dear = Scenario::parse(text, "x.toml").unwrap().supply_parameters().unwrap();
        assert!((UnitCosts::of(&dear).service("emergency").0 - 2.0 * supply.emergency.cost.gbp).abs() < 1e-9);
    }

    #[test]
    fn law_a_mean_lies_between_and_needs_weight() {
        assert_eq!(mean([((1.0, 10.0), 1.0), ((3.0, 30.0), 3.0)].into_iter()), (2.5, 25.0));
        assert_eq!(mean(std::iter::empty()), (0.0, 0.0));
    }
}
