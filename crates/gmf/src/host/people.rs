//! Who is born: an American population as Synthea draws one for Massachusetts.
//!
//! # Source
//! How the answers depend on each other follows Synthea's `Demographics` and `Generator`. Synthea's own
//! table of towns is not at hand; the shares below are an assumption of this release: race, education,
//! income, language and social needs are those that the people of the reference run of the Java engine
//! (three towns) gave in their social assessments, ages are those of Massachusetts in the 2020 census
//! in bands of ten years (from memory, to be checked).

use crate::calendar::DAY_MS;
use crate::draw::Draws;
use crate::host::Host;
use crate::ir::Sex;
use crate::value::Value;

/// Ages at the reference date: first and last year of a band, share.
const AGES: [(i32, i32, f64); 11] = [
    (0, 4, 0.052),
    (5, 9, 0.053),
    (10, 19, 0.119),
    (20, 29, 0.143),
    (30, 39, 0.131),
    (40, 49, 0.124),
    (50, 59, 0.141),
    (60, 69, 0.117),
    (70, 79, 0.066),
    (80, 84, 0.019),
    (85, 110, 0.035),
];
const MALE: f64 = 0.487;
/// White, Black, Asian, Native, Hawaiian, other.
const RACES: [f64; 6] = [0.735, 0.098, 0.039, 0.006, 0.062, 0.060];
const HISPANIC: f64 = 0.10;
/// Less than high school, high school, some college, bachelor.
const EDUCATIONS: [f64; 4] = [0.125, 0.32, 0.285, 0.27];
/// Lowest and highest score of each education.
const EDUCATION_SCORES: [(f64, f64); 4] = [(0.0, 0.5), (0.1, 0.75), (0.3, 0.85), (0.5, 1.0)];
/// Income in thousands: from, to, share.
const INCOMES: [(f64, f64, f64); 10] = [
    (0.0, 10.0, 0.093),
    (10.0, 15.0, 0.06),
    (15.0, 25.0, 0.10),
    (25.0, 35.0, 0.09),
    (35.0, 50.0, 0.13),
    (50.0, 75.0, 0.18),
    (75.0, 100.0, 0.12),
    (100.0, 150.0, 0.127),
    (150.0, 200.0, 0.06),
    (200.0, 999.0, 0.04),
];
const POVERTY: f64 = 17_550.0;
const HIGH_INCOME: f64 = 75_000.0;

/// Who a person is before anything happens.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) sex: Sex,
    /// Place in the list of races.
    pub(crate) race: usize,
    pub(crate) is_hispanic: bool,
    pub(crate) language: usize,
    pub(crate) education: usize,
    pub(crate) education_level: f64,
    pub(crate) income: i64,
    pub(crate) occupation_level: f64,
    pub(crate) target_age_years: i32,
}

impl Person {
    pub(crate) fn poverty_ratio(&self) -> f64 {
        self.income as f64 / POVERTY
    }

    fn income_level(&self) -> f64 {
        ((self.income as f64 - POVERTY) / (HIGH_INCOME - POVERTY)).clamp(0.0, 1.0)
    }

    fn score(&self) -> f64 {
        0.2 * self.income_level() + 0.7 * self.education_level + 0.1 * self.occupation_level
    }

    /// Sets what is fixed at birth.
    pub(crate) fn describe(&self, host: &Host, attributes: &mut [Value], draws: &mut Draws) {
        let (known, texts) = (&host.known, &host.texts);
        let category = match self.score() {
            score if score >= 0.66 => 2,
            score if score >= 0.25 => 1,
            _ => 0,
        };
        // Food insecurity, severe housing costs, unemployed, without a vehicle, uninsured: as the people
        // of the reference run answered.
        let mut chance = |probability: f64| Value::Boolean(draws.uniform() <= probability);
        let (food, housing) = (chance(0.125), chance(0.188));
        let (unemployed, no_vehicle, uninsured) = (chance(0.075), chance(0.274), chance(0.03));
        let rhesus_negative = chance(0.15);
        let orientation = draws.pick(&[96.6, 1.6, 0.7]);
        let is_twin = draws.uniform() < 0.02;
        let is_foreign = draws.uniform() < 0.075;
        let mut set =
            |attribute: crate::names::AttributeId, value: Value| attributes[attribute.index()] = value;
        set(known.gender, Value::Text(texts.genders[self.sex as usize]));
        set(known.race, Value::Text(texts.races[self.race]));
        set(known.ethnicity, Value::Text(texts.ethnicities[usize::from(self.is_hispanic)]));
        set(known.first_language, Value::Text(texts.languages[self.language]));
        set(known.state, Value::Text(texts.state));
        set(known.city, Value::Text(texts.city));
        set(known.county, Value::Text(texts.county));
        set(known.birth_state, Value::Text(texts.state));
        set(known.birth_country, Value::Text(texts.countries[usize::from(is_foreign)]));
        set(known.education, Value::Text(texts.educations[self.education]));
        set(known.education_level, Value::Number(self.education_level));
        set(known.income, Value::Integer(self.income));
        set(known.income_level, Value::Number(self.income_level()));
        set(known.poverty_ratio, Value::Number(self.poverty_ratio()));
        set(known.occupation_level, Value::Number(self.occupation_level));
        set(known.socioeconomic_score, Value::Number(self.score()));
        set(known.socioeconomic_category, Value::Text(texts.categories[category]));
        set(known.sexual_orientation, Value::Text(texts.orientations[orientation]));
        set(known.food_insecurity, food);
        set(known.severe_housing_cost_burden, housing);
        set(known.unemployed, unemployed);
        set(known.no_vehicle_access, no_vehicle);
        set(known.uninsured, uninsured);
        set(known.rhesus_negative, rhesus_negative);
        set(known.active_weight_management, Value::Boolean(false));
        if is_twin {
            set(known.multiple_birth, Value::Integer(1 + (draws.uniform() * 3.0) as i64));
        }
    }
}

/// Draws a person.
pub(crate) fn person(draws: &mut Draws) -> Person {
    let race = draws.pick(&RACES);
    let is_hispanic = draws.uniform() < HISPANIC;
    let sex = if draws.uniform() < MALE { Sex::Male } else { Sex::Female };
    let language = language(race, is_hispanic, draws.uniform());
    let education = draws.pick(&EDUCATIONS);
    let (low, high) = EDUCATION_SCORES[education];
    let education_level = draws.between(low, high);
    let (low, high, _) = INCOMES[draws.pick(&INCOMES.map(|(_, _, share)| share))];
    let income = draws.between(low * 1000.0, high * 1000.0 + 1.0) as i64;
    let occupation_level = draws.uniform();
    let (low, high, _) = AGES[draws.pick(&AGES.map(|(_, _, share)| share))];
    let target_age_years = low + (draws.uniform() * f64::from(high - low + 1)) as i32;
    Person {
        sex,
        race,
        is_hispanic,
        language,
        education,
        education_level,
        income,
        occupation_level,
        target_age_years,
    }
}

/// First languages: English, Spanish, French, Portuguese, Chinese, Vietnamese, Russian.
fn language(race: usize, is_hispanic: bool, draw: f64) -> usize {
    let not_english: &[(usize, f64)] = match (is_hispanic, race) {
        (true, _) => &[(1, 0.5115)],
        (false, 0) => &[(2, 0.004), (3, 0.006), (6, 0.006)],
        (false, 1) => &[(2, 0.004), (1, 0.026)],
        (false, 2) => &[(4, 0.26), (5, 0.07)],
        _ => &[],
    };
    let mut below = 0.0;
    for (language, share) in not_english {
        below += share;
        if draw < below {
            return *language;
        }
    }
    0
}

/// A time of birth for someone who is to be of an age at the reference date.
pub(crate) fn born_for_age_ms(age_years: i32, reference_ms: i64, draws: &mut Draws) -> i64 {
    let earliest = reference_ms - (i64::from(age_years + 1) * 365 + 1) * DAY_MS;
    let latest = reference_ms - i64::from(age_years) * 365 * DAY_MS;
    earliest + ((latest - earliest) as f64 * draws.uniform()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::LifeKey;

    /// 20,000 people; the standard error of a share near one half is 0.0035, five are allowed: a false
    /// alarm once in a million runs.
    #[test]
    fn law_shares_are_those_stated() {
        let people: Vec<Person> =
            (0..20_000).map(|slot| person(&mut LifeKey::new(3, slot, 0).open(1))).collect();
        let share = |is: &dyn Fn(&Person) -> bool| {
            people.iter().filter(|person| is(person)).count() as f64 / people.len() as f64
        };
        assert!((share(&|person| person.sex == Sex::Male) - MALE).abs() < 0.018);
        assert!((share(&|person| person.race == 0) - RACES[0]).abs() < 0.018);
        assert!((share(&|person| person.target_age_years < 20) - 0.224).abs() < 0.018);
        for table in [AGES.iter().map(|row| row.2).sum::<f64>(), RACES.iter().sum(), EDUCATIONS.iter().sum()]
        {
            assert!((table - 1.0).abs() < 1e-9, "{table}");
        }
    }

    #[test]
    fn law_birth_gives_the_age() {
        let mut draws = LifeKey::new(1, 1, 0).open(2);
        for age in 0..110 {
            let birth = born_for_age_ms(age, 0, &mut draws);
            let years = -birth as f64 / DAY_MS as f64 / 365.0;
            assert!(years >= f64::from(age) && years <= f64::from(age) + 1.01);
        }
    }
}
