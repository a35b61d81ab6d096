//! The known word nearest to a mistyped one, for error messages.

/// The state types of the framework.
pub(crate) const STATE_TYPES: [&str; 31] = [
    "Initial",
    "Terminal",
    "Simple",
    "Guard",
    "Delay",
    "SetAttribute",
    "Counter",
    "CallSubmodule",
    "Encounter",
    "EncounterEnd",
    "ConditionOnset",
    "ConditionEnd",
    "AllergyOnset",
    "AllergyEnd",
    "MedicationOrder",
    "MedicationEnd",
    "CarePlanStart",
    "CarePlanEnd",
    "Procedure",
    "VitalSign",
    "Observation",
    "MultiObservation",
    "DiagnosticReport",
    "ImagingStudy",
    "Symptom",
    "Device",
    "DeviceEnd",
    "SupplyList",
    "Death",
    "Vaccine",
    "Physiology",
];

/// The condition types of the framework.
pub(crate) const CONDITION_TYPES: [&str; 21] = [
    "Gender",
    "Age",
    "Date",
    "Socioeconomic Status",
    "Race",
    "Symptom",
    "Observation",
    "Vital Sign",
    "Active Condition",
    "Active Medication",
    "Active CarePlan",
    "Active Allergy",
    "PriorState",
    "Attribute",
    "And",
    "Or",
    "Not",
    "At Least",
    "At Most",
    "True",
    "False",
];

/// The word at the smallest distance of Levenshtein, capitals not counted; the first of several.
pub(crate) fn nearest(wanted: &str, known: &[&'static str]) -> &'static str {
    let wanted = wanted.to_lowercase();
    known.iter().copied().min_by_key(|word| distance(&wanted, &word.to_lowercase())).unwrap_or_default()
}

fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (place, own) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (column, other) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(own != *other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_mistyped_types_find_theirs() {
        assert_eq!(nearest("delay", &STATE_TYPES), "Delay");
        assert_eq!(nearest("Encouter", &STATE_TYPES), "Encounter");
        assert_eq!(nearest("ActiveCondition", &CONDITION_TYPES), "Active Condition");
    }
}
