use super::*;

/// The defaults with the value at a dotted path replaced.
fn with(path: &str, value: &str) -> Result<SupplyParameters, SupplyError> {
    let mut table = SupplyParameters::default().table();
    let mut keys: Vec<&str> = path.split('.').collect();
    let last = keys.pop().unwrap();
    let place = keys.into_iter().fold(&mut table, |table, key| table[key].as_table_mut().unwrap());
    let value: toml::Table = format!("value = {value}").parse().unwrap();
    place.insert(last.to_owned(), value["value"].clone());
    SupplyParameters::from_table(table, "scenario.toml")
}

#[test]
fn law_the_embedded_file_is_read_and_written_back_the_same() {
    let usual = SupplyParameters::from_toml(EMBEDDED, EMBEDDED_FILE).unwrap();
    let written = toml::to_string(&usual).unwrap();
    assert_eq!(SupplyParameters::from_toml(&written, "written.toml"), Ok(usual.clone()));
    assert_eq!(SupplyParameters::from_table(usual.table(), "table"), Ok(usual));
}

#[test]
fn regress_refusals_name_file_field_value_and_range() {
    for (path, value, expected) in [
        (
            "practice.nurse.slots_per_1000_per_week",
            "-3.0",
            "scenario.toml: practice.nurse.slots_per_1000_per_week is -3; permitted: 0 to 1000",
        ),
        (
            "beds.wards.medical.beds_per_1000",
            "nan",
            "beds.wards.medical.beds_per_1000 is NaN; permitted: 0 to 1000",
        ),
        (
            "attendance.did_not_attend.next_day",
            "1.2",
            "attendance.did_not_attend.next_day is 1.2; permitted: 0 to 1",
        ),
        ("practice.nurses", "3", "unknown field `nurses`, expected one of"),
        ("practice.nurse.sessions", "[\"20:00-26:00\"]", "\"20:00-26:00\" are not within one day"),
        ("practice.nurse.sessions", "[]", "practice.nurse.sessions has none"),
        ("practice.nurse.sessions", "[\"09:00-12:00\", \"11:00-13:00\"]", "overlap"),
        ("practice.nurse.sessions", "[\"00:00-24:00\"]", "a session of 144 slots"),
        ("practice.nurse.weekday_shares", "[0.1, 0.2, 0.2, 0.2, 0.2]", "five shares that sum to 1"),
        ("practice.nurse.same_day_share", "0.9", "at most 1"),
        ("outpatient.rule", "\"loudest_first\"", "loudest_first"),
        ("outpatient.held_release_days", "1", "least_notice_days to notice_days"),
        ("emergency.care_places_per_1000", "0.0", "above 0"),
        ("beds.wards.medical.outliers_to", "[\"medical\"]", "other wards"),
        ("laboratory.collection_minutes", "[]", "at least one minute"),
    ] {
        let message = with(path, value).unwrap_err().to_string();
        assert!(message.starts_with("scenario.toml: ") && message.contains(expected), "{message}");
    }
    let unknown = EMBEDDED.replacen("slot_minutes", "slot_length", 1);
    let message = SupplyParameters::from_toml(&unknown, "mine.toml").unwrap_err().to_string();
    assert!(message.starts_with("mine.toml: ") && message.contains("slot_length"), "{message}");
    assert!(message.contains("line"), "{message}");
}

#[test]
fn regress_every_kind_of_service_needs_settings() {
    for path in ["outpatient.specialties", "beds.wards", "imaging.modalities"] {
        let message = with(path, "{}").unwrap_err().to_string();
        assert!(message.contains(path) && message.contains("missing"), "{message}");
    }
}
