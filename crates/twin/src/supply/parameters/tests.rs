use super::*;

fn overridden(text: &str) -> Result<SupplyParameters, SupplyError> {
    SupplyParameters::default().overridden(&text.parse().unwrap(), "scenario.toml")
}

#[test]
fn law_the_embedded_file_is_read_and_written_back_the_same() {
    let usual = SupplyParameters::from_toml(EMBEDDED, EMBEDDED_FILE).unwrap();
    let written = toml::to_string(&usual).unwrap();
    assert_eq!(SupplyParameters::from_toml(&written, "written.toml"), Ok(usual.clone()));
    assert_eq!(overridden(""), Ok(usual));
}

#[test]
fn law_ratios_multiply_and_values_replace() {
    let usual = SupplyParameters::default();
    let more = overridden(
        "practice.general_practitioner.slots_per_1000_per_week = { ratio = 1.5 }\n\
         beds.wards.medical.beds_per_1000 = 2\n\
         emergency.care_minutes = { ratio = 2 }",
    )
    .unwrap();
    let slots = usual.practice.general_practitioner.slots_per_1000_per_week;
    assert!((more.practice.general_practitioner.slots_per_1000_per_week - 1.5 * slots).abs() < 1e-9);
    assert!((more.beds.wards[&crate::supply::Ward::Medical].beds_per_1000 - 2.0).abs() < 1e-9);
    assert!((more.emergency.care_minutes[4] - 2.0 * usual.emergency.care_minutes[4]).abs() < 1e-9);
}

#[test]
fn regress_refusals_name_file_field_value_and_range() {
    for (text, expected) in [
        (
            "practice.nurse.slots_per_1000_per_week = -3",
            "scenario.toml: practice.nurse.slots_per_1000_per_week is -3; permitted: 0 to 1000",
        ),
        (
            "beds.wards.medical.beds_per_1000 = nan",
            "beds.wards.medical.beds_per_1000 is NaN; permitted: 0 to 1000",
        ),
        (
            "attendance.did_not_attend.next_day = 1.2",
            "attendance.did_not_attend.next_day is 1.2; permitted: 0 to 1",
        ),
        (
            "practice.nurses = 3",
            "scenario.toml: practice.nurses is no setting of the services; permitted here: absence_known_minute, general_practitioner",
        ),
        ("practice.nurse.sessions = [\"20:00-26:00\"]", "\"20:00-26:00\" are not within one day"),
        ("practice.nurse.sessions = []", "practice.nurse.sessions has none"),
        ("practice.nurse.sessions = [\"09:00-12:00\", \"11:00-13:00\"]", "overlap"),
        ("outpatient.rule = \"loudest_first\"", "loudest_first"),
        ("outpatient.hours = { ratio = 2 }", "outpatient.hours has a ratio for a string"),
        ("practice.nurse.same_day_share = 0.9", "at most 1"),
        ("beds.wards.medical.outliers_to = [\"medical\"]", "other wards"),
        ("laboratory.collection_minutes = []", "at least one minute"),
    ] {
        let message = overridden(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let unknown = EMBEDDED.replacen("slot_minutes", "slot_length", 1);
    let message = SupplyParameters::from_toml(&unknown, "mine.toml").unwrap_err().to_string();
    assert!(
        message.starts_with("mine.toml: ") && message.contains("slot_length") && message.contains("line"),
        "{message}"
    );
}
