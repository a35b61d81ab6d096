//! An invented patient: what was true and what the GP record says.

use twinloom_event::Timestamp;
use twinloom_report::{Lane, LaneKind, LaneRow, PatientTimeline, Period, Reading, ReadingSeries};

use super::Result;

pub(crate) fn timeline() -> Result<PatientTimeline> {
    let at = |year, month, day| Timestamp::from_ymd(year, month, day);
    let row = |name: &str, recorded: Vec<Period>, truth: Vec<Period>| LaneRow {
        name: name.into(),
        recorded,
        truth,
    };
    let mut visits = Vec::new();
    for index in 0..54 {
        visits.push(Period::at(
            at(2008, 3, 3)?.plus_days(f64::from(index) * 118.0 + f64::from(index * index % 40))?,
        ));
    }
    let stay = Period::between(at(2021, 11, 4)?, at(2021, 11, 19)?).note("non-elective, COPD exacerbation");
    let encounters = vec![
        row("GP consultation", visits, vec![]),
        row(
            "Accident and emergency",
            vec![Period::at(at(2019, 2, 11)?), Period::at(at(2021, 11, 4)?)],
            vec![],
        ),
        row("Hospital stay", vec![stay], vec![]),
    ];
    let conditions = vec![
        row(
            "Essential hypertension",
            vec![Period::since(at(2010, 6, 14)?)],
            vec![Period::since(at(2008, 11, 2)?)],
        ),
        row(
            "Type 2 diabetes mellitus",
            vec![Period::since(at(2014, 9, 30)?)],
            vec![Period::since(at(2012, 2, 20)?)],
        ),
        row(
            "Chronic obstructive pulmonary disease",
            vec![Period::since(at(2018, 1, 22)?)],
            vec![Period::since(at(2013, 7, 1)?)],
        ),
        row("Depressive episode", vec![Period::between(at(2016, 3, 1)?, at(2017, 1, 10)?)], vec![]),
        row("Chronic kidney disease stage 3", vec![], vec![Period::since(at(2022, 5, 3)?)]),
    ];
    let medications = vec![
        row("Amlodipine 5 mg tablets", vec![Period::between(at(2010, 6, 14)?, at(2013, 4, 2)?)], vec![]),
        row("Ramipril 5 mg capsules", vec![Period::since(at(2013, 4, 2)?)], vec![]),
        row("Metformin 500 mg tablets", vec![Period::since(at(2014, 10, 14)?)], vec![]),
        row("Atorvastatin 20 mg tablets", vec![Period::since(at(2014, 10, 14)?)], vec![]),
        row("Salbutamol 100 micrograms/dose inhaler", vec![Period::since(at(2018, 1, 22)?)], vec![]),
        row("Prednisolone 5 mg tablets", vec![Period::between(at(2021, 11, 5)?, at(2021, 11, 12)?)], vec![]),
    ];
    let procedures = vec![
        row("Spirometry", vec![Period::at(at(2018, 1, 15)?), Period::at(at(2020, 2, 3)?)], vec![]),
        row(
            "Diabetic retinal screening",
            (2015..2025).filter_map(|year| at(year, 5, 20).ok().map(Period::at)).collect(),
            vec![],
        ),
    ];
    let lane = |kind, rows| Lane { kind, rows };
    Ok(PatientTimeline {
        patient: "patient 417".into(),
        description: "woman, born 1951, deprivation decile 3".into(),
        from: Some(at(2008, 1, 1)?),
        until: Some(at(2025, 12, 31)?),
        death: None,
        lanes: vec![
            lane(LaneKind::Encounters, encounters),
            lane(LaneKind::Conditions, conditions),
            lane(LaneKind::Medications, medications),
            lane(LaneKind::Procedures, procedures),
        ],
        readings: vec![
            series("Systolic blood pressure", "mmHg", 46, 162.0, 138.0, Some((90.0, 140.0)))?,
            series("HbA1c", "mmol/mol", 24, 41.0, 58.0, Some((20.0, 48.0)))?,
            series("Estimated GFR", "mL/min/1.73 m²", 18, 92.0, 54.0, Some((60.0, 120.0)))?,
            series("FEV1, % predicted", "%", 4, 71.0, 58.0, None)?,
        ],
    })
}

fn series(
    name: &str,
    unit: &str,
    number: u32,
    from: f64,
    to: f64,
    range: Option<(f64, f64)>,
) -> Result<ReadingSeries> {
    let start = Timestamp::from_ymd(2009, 2, 1)?;
    let mut readings = Vec::new();
    for index in 0..number {
        let share = f64::from(index) / f64::from(number);
        let wobble = (f64::from(index * 7919 % 101) / 101.0 - 0.5) * 0.16 * from;
        let time = start.plus_days(share * 6_150.0 + f64::from(index * 13 % 29))?;
        readings.push(Reading { time, value: (from + (to - from) * share + wobble).round() });
    }
    Ok(ReadingSeries { name: name.into(), unit: unit.into(), readings, range })
}
