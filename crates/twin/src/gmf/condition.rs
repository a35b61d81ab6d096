//! Logical conditions: the framework's condition types.

use twinloom_event::Timestamp;

use super::names::Names;
use super::node::Node;
use super::topics::Topics;
use super::value::{Operator, Test};
use super::{PathwayError, States};
use crate::engine::Moment;
use crate::gmf::Value;
use crate::patient::{CodeId, FactKind, Patient, Reading};
use crate::person::Sex;
use crate::physiology::VitalSign;

/// How long a guard on a quantity that drifts with age waits before it looks again.
const DRIFT_CHECK_DAYS: f64 = 30.0;

/// A condition on a person at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Constant(bool),
    /// In years.
    Age(Operator, f64),
    Gender(Option<Sex>),
    /// The broad ethnic group by name, or `Black`, `White`, ... of the framework.
    Race(String),
    SocioeconomicStatus(SocioeconomicStatus),
    Attribute(u32, Test),
    /// One attribute against another, such as a parameter of the module.
    Attributes(u32, Operator, u32),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    AtLeast(usize, Vec<Condition>),
    AtMost(usize, Vec<Condition>),
    /// States by the places of their visits.
    PriorState {
        state: u32,
        since: Option<u32>,
        within_days: Option<f64>,
    },
    /// Something of a kind in force: by codes, or by the attribute that refers to it.
    Active(FactKind, Vec<CodeId>),
    /// A condition in force that has, or has not, been diagnosed.
    Diagnosed(Vec<CodeId>, bool),
    ActiveReferred(u32),
    /// Codes with the places of their readings.
    Observation(Vec<(CodeId, u32)>, Test),
    VitalSign(VitalSign, Operator, f64),
    Symptom(u32, Operator, f64),
    Year(Operator, i32),
    Month(Operator, u32),
    Date(Operator, Moment),
}

/// The framework's three classes, here thirds of the deprivation deciles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocioeconomicStatus {
    Low,
    Middle,
    High,
}

impl SocioeconomicStatus {
    fn of_decile(decile: u8) -> Self {
        match decile {
            0..=3 => Self::Low,
            4..=7 => Self::Middle,
            _ => Self::High,
        }
    }
}

impl Condition {
    pub(crate) fn read(
        node: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Self, PathwayError> {
        let kind = node.need("condition_type")?;
        Ok(match kind.text()? {
            "True" => Self::Constant(true),
            "False" => Self::Constant(false),
            "Age" => {
                let years = names
                    .number_or_parameter(node, "quantity")?
                    .ok_or_else(|| node.error("lacks the field \"quantity\""))?
                    * match node.text_of("unit")?.unwrap_or("years") {
                        "years" => 1.0,
                        "months" => 1.0 / 12.0,
                        "weeks" => 7.0 / 365.2425,
                        "days" => 1.0 / 365.2425,
                        other => {
                            return Err(node.error(format!(
                                "unit {other:?} is unknown; permitted: years, months, weeks, days"
                            )));
                        }
                    };
                Self::Age(Operator::read(node)?, years)
            }
            "Gender" => Self::Gender(match node.need("gender")?.text()? {
                "F" => Some(Sex::Female),
                "M" => Some(Sex::Male),
                _ => None,
            }),
            "Race" => Self::Race(node.need("race")?.text()?.to_owned()),
            "Socioeconomic Status" => {
                let category = node.need("category")?;
                Self::SocioeconomicStatus(match category.text()? {
                    "Low" => SocioeconomicStatus::Low,
                    "Middle" => SocioeconomicStatus::Middle,
                    "High" => SocioeconomicStatus::High,
                    other => {
                        return Err(
                            category.error(format!("{other:?} is unknown; permitted: Low, Middle, High"))
                        );
                    }
                })
            }
            "Attribute" if node.get("value_attribute").is_some() => Self::Attributes(
                names.attribute(node.need("attribute")?.text()?),
                Operator::read(node)?,
                names.attribute(node.need("value_attribute")?.text()?),
            ),
            "Attribute" => {
                Self::Attribute(names.attribute(node.need("attribute")?.text()?), Test::read(node, names)?)
            }
            "And" => Self::And(Self::read_list(node, names, states)?),
            "Or" => Self::Or(Self::read_list(node, names, states)?),
            "Not" => Self::Not(Box::new(Self::read(&node.need("condition")?, names, states)?)),
            "At Least" => {
                Self::AtLeast(node.need("minimum")?.number()? as usize, Self::read_list(node, names, states)?)
            }
            "At Most" => {
                Self::AtMost(node.need("maximum")?.number()? as usize, Self::read_list(node, names, states)?)
            }
            "PriorState" => Self::PriorState {
                state: names.visit_place(states.global(&node.need("name")?)?),
                since: match node.get("since") {
                    Some(since) => Some(names.visit_place(states.global(&since)?)),
                    None => None,
                },
                within_days: node.get("within").map(|within| read_days(&within, names)).transpose()?,
            },
            "Active Condition" => match node.get("diagnosed").map(|flag| flag.json().as_bool()) {
                Some(Some(known)) => Self::Diagnosed(names.code_list(&node.need("codes")?)?, known),
                Some(None) => return Err(node.error("diagnosed; permitted: true or false")),
                None => Self::read_active(node, FactKind::Condition, names)?,
            },
            "Active Medication" => Self::read_active(node, FactKind::Medication, names)?,
            "Active CarePlan" => Self::read_active(node, FactKind::CarePlan, names)?,
            "Active Allergy" => Self::read_active(node, FactKind::Allergy, names)?,
            "Observation" => {
                let codes = names.code_list(&node.need("codes")?)?;
                let placed = codes.into_iter().map(|code| (code, names.reading_place(code))).collect();
                Self::Observation(placed, Test::read(node, names)?)
            }
            "Vital Sign" => Self::VitalSign(
                read_vital_sign(&node.need("vital_sign")?)?,
                Operator::read(node)?,
                names.number_or_parameter(node, "value")?.unwrap_or(f64::NAN),
            ),
            "Symptom" => Self::Symptom(
                names.text(node.need("symptom")?.text()?),
                Operator::read(node)?,
                names.number_or_parameter(node, "value")?.unwrap_or(f64::NAN),
            ),
            "Date" => Self::read_date(node)?,
            other => {
                return Err(kind.error(format!(
                    "condition type {other:?} is unknown; permitted: Age, Gender, Race, Socioeconomic Status, Attribute, And, Or, Not, At Least, At Most, PriorState, Active Condition, Active Medication, Active CarePlan, Active Allergy, Observation, Vital Sign, Symptom, Date, True, False"
                )));
            }
        })
    }

    fn read_list(node: &Node<'_>, names: &mut Names, states: &States<'_>) -> Result<Vec<Self>, PathwayError> {
        node.need("conditions")?.list()?.iter().map(|item| Self::read(item, names, states)).collect()
    }

    fn read_active(node: &Node<'_>, kind: FactKind, names: &mut Names) -> Result<Self, PathwayError> {
        match node.text_of("referenced_by_attribute")? {
            Some(attribute) => Ok(Self::ActiveReferred(names.attribute(attribute))),
            None => Ok(Self::Active(kind, names.code_list(&node.need("codes")?)?)),
        }
    }

    fn read_date(node: &Node<'_>) -> Result<Self, PathwayError> {
        let operator = Operator::read(node)?;
        if let Some(year) = node.number_of("year")? {
            return Ok(Self::Year(operator, year as i32));
        }
        if let Some(month) = node.number_of("month")? {
            return Ok(Self::Month(operator, month as u32));
        }
        let date = node.need("date")?;
        let part = |name: &str, usual: f64| Ok(date.number_of(name)?.unwrap_or(usual) as u32);
        let at = Timestamp::from_ymd_hms(
            date.need("year")?.number()? as i32,
            part("month", 1.0)?,
            part("day", 1.0)?,
            part("hour", 0.0)?,
            part("minute", 0.0)?,
            part("second", 0.0)?,
        );
        at.map(|at| Self::Date(operator, at.into())).map_err(|source| date.error(source.to_string()))
    }

    /// Whether the condition holds.
    pub(crate) fn holds(&self, patient: &Patient, now: Moment, names: &Names) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Age(operator, years) => operator.holds(patient.age_years(now), *years),
            Self::Gender(sex) => *sex == Some(patient.sex),
            Self::Race(group) => patient.ethnicity.group().as_str().eq_ignore_ascii_case(group),
            Self::SocioeconomicStatus(status) => {
                SocioeconomicStatus::of_decile(patient.imd_decile) == *status
            }
            Self::Attribute(attribute, test) => test.holds(patient.attributes[*attribute as usize]),
            Self::Attributes(attribute, operator, other) => {
                let value = patient.attributes[*other as usize];
                Test { operator: *operator, value }.holds(patient.attributes[*attribute as usize])
            }
            Self::And(conditions) => conditions.iter().all(|condition| condition.holds(patient, now, names)),
            Self::Or(conditions) => conditions.iter().any(|condition| condition.holds(patient, now, names)),
            Self::Not(condition) => !condition.holds(patient, now, names),
            Self::AtLeast(minimum, conditions) => count(conditions, patient, now, names) >= *minimum,
            Self::AtMost(maximum, conditions) => count(conditions, patient, now, names) <= *maximum,
            Self::PriorState { state, since, within_days } => {
                let last = patient.visited[*state as usize];
                last != Moment::EVER
                    && since.is_none_or(|since| last >= patient.visited[since as usize])
                    && within_days.is_none_or(|days| now.days_since(last) <= days)
            }
            Self::Active(kind, codes) => {
                patient.entries.iter().any(|entry| entry.kind == *kind && codes.contains(&entry.code))
            }
            Self::Diagnosed(codes, known) => patient.entries.iter().any(|entry| {
                entry.kind == FactKind::Condition
                    && codes.contains(&entry.code)
                    && patient.facts[entry.fact as usize].diagnosed.is_some() == *known
            }),
            Self::ActiveReferred(attribute) => match patient.attributes[*attribute as usize] {
                Value::Fact(fact) => patient.entries.iter().any(|entry| entry.fact == fact),
                _ => false,
            },
            Self::Observation(codes, test) => {
                let last = codes.iter().map(|(_, place)| patient.readings[*place as usize]);
                let found = last.into_iter().find(|reading| *reading != Reading::None);
                test.holds(match found {
                    Some(Reading::Number(number)) => Value::Number(number),
                    Some(Reading::Code(_)) => Value::Boolean(true),
                    _ => Value::Nil,
                })
            }
            Self::VitalSign(sign, operator, value) => operator.holds(patient.vital_sign(*sign, now), *value),
            Self::Symptom(symptom, operator, value) => {
                let strengths = patient.symptoms.iter().filter(|(own, _, _)| own == symptom);
                operator.holds(strengths.map(|(_, _, strength)| *strength).fold(0.0, f64::max), *value)
            }
            Self::Year(operator, year) => operator.holds(f64::from(now.timestamp().year()), f64::from(*year)),
            Self::Month(operator, month) => {
                operator.holds(f64::from(now.timestamp().month()), f64::from(*month))
            }
            Self::Date(operator, at) => operator.holds(now.micros() as f64, at.micros() as f64),
        }
    }

    /// The first moment after now at which the passing of time alone may change the answer.
    pub(crate) fn next_change(&self, patient: &Patient, now: Moment) -> Moment {
        let of_all = |conditions: &[Self]| {
            conditions
                .iter()
                .map(|condition| condition.next_change(patient, now))
                .min()
                .unwrap_or(Moment::NEVER)
        };
        let after_now = |at: Moment| if at > now { at } else { Moment::NEVER };
        match self {
            // A microsecond late, so that the age is reached in spite of rounding.
            Self::Age(_, years) => after_now(patient.birth.plus_years(*years).plus_micros(1)),
            Self::And(conditions)
            | Self::Or(conditions)
            | Self::AtLeast(_, conditions)
            | Self::AtMost(_, conditions) => of_all(conditions),
            Self::Not(condition) => condition.next_change(patient, now),
            Self::PriorState { state, within_days: Some(days), .. } => {
                after_now(patient.visited[*state as usize].plus_days(*days).plus_micros(1))
            }
            Self::VitalSign(..) => now.plus_days(DRIFT_CHECK_DAYS),
            Self::Year(_, year) => [*year, *year + 1]
                .into_iter()
                .filter_map(|year| Timestamp::from_ymd(year, 1, 1).ok())
                .map(Moment::from)
                .find(|at| *at > now)
                .unwrap_or(Moment::NEVER),
            Self::Month(..) => {
                let today = now.timestamp();
                let (year, month) = if today.month() == 12 {
                    (today.year() + 1, 1)
                } else {
                    (today.year(), today.month() + 1)
                };
                Timestamp::from_ymd(year, month, 1).map_or(Moment::NEVER, Moment::from)
            }
            Self::Date(_, at) => after_now(at.plus_micros(i64::from(*at <= now))),
            _ => Moment::NEVER,
        }
    }

    /// What the answer depends on besides the passing of time.
    pub(crate) fn topics(&self) -> Topics {
        let of_all = |conditions: &[Self]| {
            conditions.iter().fold(Topics::default(), |topics, own| topics | own.topics())
        };
        match self {
            Self::Attribute(attribute, _) => Topics::attribute(*attribute),
            Self::Attributes(attribute, _, other) => {
                Topics::attribute(*attribute) | Topics::attribute(*other)
            }
            Self::And(conditions)
            | Self::Or(conditions)
            | Self::AtLeast(_, conditions)
            | Self::AtMost(_, conditions) => of_all(conditions),
            Self::Not(condition) => condition.topics(),
            Self::Active(kind, codes) => {
                codes.iter().fold(Topics::default(), |topics, code| topics | Topics::entry(*kind, *code))
            }
            Self::Diagnosed(codes, _) => codes
                .iter()
                .fold(Topics::default(), |topics, code| topics | Topics::entry(FactKind::Condition, *code)),
            Self::ActiveReferred(attribute) => Topics::ENTRIES | Topics::attribute(*attribute),
            Self::Observation(codes, _) => {
                codes.iter().fold(Topics::default(), |topics, (code, _)| topics | Topics::reading(*code))
            }
            Self::VitalSign(..) => Topics::SIGNS,
            Self::Symptom(..) => Topics::SYMPTOMS,
            _ => Topics::default(),
        }
    }
}

fn count(conditions: &[Condition], patient: &Patient, now: Moment, names: &Names) -> usize {
    conditions.iter().filter(|condition| condition.holds(patient, now, names)).count()
}

/// Reads `{"quantity", "unit"}` as days; `quantity_from` names a parameter instead.
pub(crate) fn read_days(node: &Node<'_>, names: &Names) -> Result<f64, PathwayError> {
    let quantity = names
        .number_or_parameter(node, "quantity")?
        .ok_or_else(|| node.error("lacks the field \"quantity\""))?;
    Ok(quantity * unit_days(&node.need("unit")?)?)
}

/// The length of a unit of time in days.
pub(crate) fn unit_days(unit: &Node<'_>) -> Result<f64, PathwayError> {
    Ok(match unit.text()? {
        "years" => 365.2425,
        "months" => 365.2425 / 12.0,
        "weeks" => 7.0,
        "days" => 1.0,
        "hours" => 1.0 / 24.0,
        "minutes" => 1.0 / 1440.0,
        "seconds" => 1.0 / 86400.0,
        other => {
            return Err(unit.error(format!(
                "unit {other:?} is unknown; permitted: years, months, weeks, days, hours, minutes, seconds"
            )));
        }
    })
}

pub(crate) fn read_vital_sign(node: &Node<'_>) -> Result<VitalSign, PathwayError> {
    let name = node.text()?;
    VitalSign::parse(name).ok_or_else(|| {
        let known: Vec<&str> = VitalSign::ALL.iter().map(|sign| sign.name()).collect();
        node.error(format!("vital sign {name:?} is unknown; permitted: {}", known.join(", ")))
    })
}
