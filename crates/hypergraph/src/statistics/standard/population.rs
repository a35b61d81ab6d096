//! The population whose make-up groups are given.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{People, TraitError};

/// A standard population.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StandardPopulation {
    /// The people themselves, all groups together.
    #[default]
    Pooled,
    /// Shares from elsewhere.
    Given(GivenPopulation),
}

/// People by levels of some traits.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenPopulation {
    traits: Vec<String>,
    people: BTreeMap<Vec<String>, f64>,
    /// People of the whole population, those included of levels that nobody compared has.
    whole: f64,
}

impl StandardPopulation {
    /// A population from numbers of people, or shares, by levels of the traits.
    ///
    /// # Errors
    /// [`StandardPopulationError`] when a number is negative or not finite, when a row has another
    /// number of levels than there are traits, or repeats one.
    pub fn given(
        traits: &[&str],
        rows: impl IntoIterator<Item = (Vec<String>, f64)>,
    ) -> Result<Self, StandardPopulationError> {
        Ok(Self::Given(GivenPopulation::of_rows(traits, rows)?))
    }

    /// The European Standard Population of 2013 by a trait of age bands such as `60-69` or `85+`, and perhaps
    /// one of sex, for the levels that some people have.
    ///
    /// The standard is the same for women and men, half of it each. It has no other sex: people of whom
    /// another or none is recorded are not in it.
    ///
    /// # Source
    /// As [`european_2013`].
    ///
    /// # Errors
    /// [`StandardPopulationError`] when a trait is not there, is neither of bands nor of sex, is one of two of
    /// its sort, or when bands overlap.
    pub fn european_2013(people: &People, traits: &[String]) -> Result<Self, StandardPopulationError> {
        let european = |name: &str| StandardPopulationError::European { name: name.to_owned() };
        let (mut by_age, mut by_sex) = (None, None);
        for name in traits {
            let levels = people.trait_named(name)?.levels();
            let is_sex = levels.iter().any(|level| matches!(&**level, "female" | "male"));
            let number = |level: &Arc<str>| match &**level {
                "female" | "male" => Some(0.5),
                _ if is_sex => Some(0.0),
                band => european_2013(band),
            };
            let numbers: Option<Vec<(String, f64)>> =
                levels.iter().map(|level| Some((level.to_string(), number(level)?))).collect();
            let numbers = numbers.ok_or_else(|| european(name))?;
            let place = if is_sex { &mut by_sex } else { &mut by_age };
            if place.replace((name.as_str(), numbers)).is_some() {
                return Err(european(name));
            }
        }
        let (age, bands) = by_age.ok_or_else(|| european(&traits.join(", ")))?;
        if bands.iter().map(|(_, people)| people).sum::<f64>() > EUROPEAN_PEOPLE {
            return Err(european(age));
        }
        let (names, rows) = match by_sex {
            None => (vec![age], bands.into_iter().map(|(band, people)| (vec![band], people)).collect()),
            Some((sex, shares)) => {
                let of_band = |(band, people): &(String, f64)| -> Vec<(Vec<String>, f64)> {
                    let row =
                        |(sex, share): &(String, f64)| (vec![band.clone(), sex.clone()], people * share);
                    shares.iter().map(row).collect()
                };
                (vec![age, sex], bands.iter().flat_map(of_band).collect::<Vec<_>>())
            }
        };
        let given = GivenPopulation::of_rows(&names, rows)?;
        Ok(Self::Given(GivenPopulation { whole: EUROPEAN_PEOPLE, ..given }))
    }
}

impl GivenPopulation {
    fn of_rows(
        traits: &[&str],
        rows: impl IntoIterator<Item = (Vec<String>, f64)>,
    ) -> Result<Self, StandardPopulationError> {
        let mut people = BTreeMap::new();
        for (levels, number) in rows {
            let label = levels.join(", ");
            if !(number.is_finite() && number >= 0.0) {
                return Err(StandardPopulationError::Number { levels: label, number });
            }
            if levels.len() != traits.len() {
                return Err(StandardPopulationError::Levels { levels: label, traits: traits.len() });
            }
            if people.insert(levels, number).is_some() {
                return Err(StandardPopulationError::Repeated { levels: label });
            }
        }
        Ok(Self {
            traits: traits.iter().map(|name| (*name).to_owned()).collect(),
            whole: people.values().sum(),
            people,
        })
    }

    /// The number of people of the whole population.
    pub(crate) fn whole(&self) -> f64 {
        self.whole
    }

    /// The number of people of some levels; 0 where the population has no such people.
    pub(crate) fn of(&self, names: &[String], levels: &[Arc<str>]) -> Result<f64, StandardPopulationError> {
        let place = |name: &String| names.iter().position(|known| known == name);
        let places: Option<Vec<usize>> = self.traits.iter().map(place).collect();
        let Some(places) = places.filter(|places| places.len() == names.len()) else {
            let (found, wanted) = (self.traits.join(", "), names.join(", "));
            return Err(StandardPopulationError::Traits { found, wanted });
        };
        let key: Vec<String> = places.iter().map(|place| levels[*place].to_string()).collect();
        Ok(self.people.get(&key).copied().unwrap_or(0.0))
    }
}

/// People of the European Standard Population of 2013.
const EUROPEAN_PEOPLE: f64 = 100_000.0;

/// People of the European Standard Population of 2013 in an age band such as `60-69` or `85+`, of
/// 100,000; bands end at multiples of five years, the last at 90 and over. `None` for other text.
///
/// # Source
/// Eurostat 2013, Revision of the European Standard Population, table of five-year age groups
/// (recalled from memory; the groups sum to 100,000).
pub fn european_2013(band: &str) -> Option<f64> {
    const FIVE_YEARS: [f64; 19] = [
        5_000.0, 5_500.0, 5_500.0, 5_500.0, 6_000.0, 6_000.0, 6_500.0, 7_000.0, 7_000.0, 7_000.0, 7_000.0,
        6_500.0, 6_000.0, 5_500.0, 5_000.0, 4_000.0, 2_500.0, 1_500.0, 1_000.0,
    ];
    let (first, end) = if let Some(first) = band.strip_suffix('+') {
        (first.trim().parse::<usize>().ok()?, 95)
    } else {
        let (first, last) = band.split_once(['-', '–'])?;
        (first.trim().parse::<usize>().ok()?, last.trim().parse::<usize>().ok()?.checked_add(1)?)
    };
    let whole = first % 5 == 0 && end % 5 == 0 && first < end && end <= 95;
    whole.then(|| FIVE_YEARS[first / 5..end / 5].iter().sum())
}

/// Why a standard population can't be had or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StandardPopulationError {
    /// A number of people is none.
    #[error("the standard population has {number} people of {levels}; permitted: a finite number from 0")]
    Number {
        /// The levels.
        levels: String,
        /// The number.
        number: f64,
    },
    /// A level for each trait.
    #[error("the standard population has a row of levels {levels}; permitted: {traits}, one for each trait")]
    Levels {
        /// The levels.
        levels: String,
        /// How many are needed.
        traits: usize,
    },
    /// Levels stand twice.
    #[error("the standard population states {levels} twice; permitted: once")]
    Repeated {
        /// The levels.
        levels: String,
    },
    /// A trait that the European Standard Population is not by.
    #[error(
        "{name} is not what the European Standard Population is by; permitted: one trait of age bands such as \
         60-69 or 85+ that do not overlap, and perhaps one of sex"
    )]
    European {
        /// The trait.
        name: String,
    },
    /// A trait is not there.
    #[error(transparent)]
    Trait(#[from] TraitError),
    /// It is by other traits.
    #[error("the standard population is by {found}; permitted: {wanted}, as the groups are standardised")]
    Traits {
        /// Its traits.
        found: String,
        /// Those asked for.
        wanted: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trait;

    #[test]
    fn ref_european_standard_population_of_2013() {
        assert_eq!(
            european_2013("0-89").zip(european_2013("90+")).map(|(young, old)| young + old),
            Some(100_000.0)
        );
        assert_eq!(european_2013("60-69"), Some(11_500.0));
        assert_eq!(european_2013("85+"), Some(2_500.0));
        for text in ["", "old", "60-68", "95+", "5-4", "-", "+", "90-99"] {
            assert_eq!(european_2013(text), None, "{text}");
        }
    }

    fn people(ages: &[&str], sexes: &[&str]) -> People {
        let mut builder = People::builder();
        for _ in ages {
            builder.person(&[], None);
        }
        let people = builder.build();
        let people = people.with_trait(Trait::new("age", ages.iter().copied().map(Some)).unwrap()).unwrap();
        people.with_trait(Trait::new("sex", sexes.iter().copied().map(Some)).unwrap()).unwrap()
    }

    #[test]
    fn ref_european_standard_population_by_age_and_sex() {
        let people = people(&["60-69", "60-69", "00-09"], &["male", "other", "female"]);
        let names = ["sex".to_owned(), "age".to_owned()];
        let Ok(StandardPopulation::Given(given)) = StandardPopulation::european_2013(&people, &names) else {
            panic!("both traits are of the standard")
        };
        let of = |sex: &str, age: &str| given.of(&names, &[sex.into(), age.into()]).unwrap();
        assert_eq!(
            (of("male", "60-69"), of("other", "60-69"), of("female", "00-09")),
            (5_750.0, 0.0, 5_250.0)
        );
        assert!((given.whole() - EUROPEAN_PEOPLE).abs() < 1e-9);
    }

    #[test]
    fn regress_european_standard_population_of_other_traits_is_refused() {
        let overlapping = people(&["0-89", "60-69", "90+"], &["male", "male", "female"]);
        let old = people(&["old", "young"], &["male", "female"]);
        for (people, names) in
            [(&overlapping, &["age"][..]), (&old, &["age"]), (&old, &["sex"]), (&old, &["height"])]
        {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert!(StandardPopulation::european_2013(people, &names).is_err(), "{names:?}");
        }
    }

    #[test]
    fn regress_given_populations_are_checked() {
        let row = |level: &str, number| (vec![level.to_owned()], number);
        assert!(StandardPopulation::given(&["age"], [row("old", -1.0)]).is_err());
        assert!(StandardPopulation::given(&["age"], [row("old", f64::NAN)]).is_err());
        assert!(StandardPopulation::given(&["age"], [row("old", 1.0), row("old", 2.0)]).is_err());
        assert!(StandardPopulation::given(&["age", "sex"], [row("old", 1.0)]).is_err());
        let Ok(StandardPopulation::Given(given)) = StandardPopulation::given(&["age"], [row("old", 3.0)])
        else {
            panic!("the rows are in order")
        };
        let of = |name: &str, level: &str| given.of(&[name.to_owned()], &[level.into()]);
        assert_eq!((of("age", "old"), of("age", "young")), (Ok(3.0), Ok(0.0)));
        assert!(of("sex", "old").is_err());
    }
}
