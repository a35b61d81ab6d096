//! Given names by sex, decade of birth and origin; family names by origin.
//!
//! # Source
//! `data/given_names.csv`: the hundred given names most often registered, by decade (ONS).
//! `data/names_by_origin.csv`: written from memory, an assumption of this release.

use crate::person::{Ethnicity, Sex};
use crate::population::rows;
use crate::stream::Stream;

const GIVEN_NAMES: &str = include_str!("../../data/given_names.csv");
const NAMES_BY_ORIGIN: &str = include_str!("../../data/names_by_origin.csv");

/// Given and family names in use.
#[derive(Clone, Debug)]
pub(crate) struct NameBook {
    decades: Vec<(i32, [Vec<&'static str>; 2])>,
    /// Given names of women and of men, and family names, by origin.
    origins: [[Vec<&'static str>; 3]; Origin::ALL.len()],
}

impl NameBook {
    /// Reads the embedded table.
    pub(crate) fn embedded() -> Self {
        let mut decades: Vec<(i32, [Vec<&'static str>; 2])> = Vec::new();
        for line in GIVEN_NAMES.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let mut cells = line.split(',');
            let (Some(decade), Some(sex), Some(name)) = (cells.next(), cells.next(), cells.next()) else {
                continue;
            };
            let Ok(decade) = decade.parse() else { continue };
            if decades.last().is_none_or(|last| last.0 != decade) {
                decades.push((decade, [Vec::new(), Vec::new()]));
            }
            if let Some(last) = decades.last_mut() {
                last.1[usize::from(sex == "M")].push(name);
            }
        }
        let mut origins: [[Vec<&'static str>; 3]; Origin::ALL.len()] = Default::default();
        for row in rows(NAMES_BY_ORIGIN) {
            let origin = Origin::ALL.iter().position(|origin| origin.as_str() == row[0]);
            let kind = ["female", "male", "family"].iter().position(|kind| *kind == row[1]);
            if let (Some(origin), Some(kind)) = (origin, kind) {
                origins[origin][kind] = row[2].split(' ').collect();
            }
        }
        Self { decades, origins }
    }

    /// A given name; draws twice.
    pub(crate) fn given_name(
        &self,
        birth_year: i32,
        sex: Sex,
        ethnicity: Ethnicity,
        stream: &mut Stream,
    ) -> &'static str {
        let column = usize::from(sex == Sex::Male);
        let (custom, drawn) = (stream.uniform(), stream.uniform());
        let origin = Origin::of(ethnicity);
        if custom < origin.own_given_names() {
            return pick(&self.origins[origin as usize][column], drawn);
        }
        let decade = self.decades.partition_point(|decade| decade.0 <= birth_year).saturating_sub(1);
        pick(self.decades.get(decade).map_or(&[], |decade| &decade.1[column]), drawn)
    }

    /// The family name of people whose name comes from someone of this group; draws once.
    pub(crate) fn family_name(&self, ethnicity: Ethnicity, stream: &mut Stream) -> &'static str {
        pick(&self.origins[Origin::of(ethnicity) as usize][2], stream.uniform())
    }
}

/// A name of a list whose first names are the commonest: density falls with the square root of rank.
fn pick(names: &[&'static str], drawn: f64) -> &'static str {
    let place = (drawn * drawn * names.len() as f64) as usize;
    names.get(place.min(names.len().saturating_sub(1))).copied().unwrap_or("Alex")
}

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    British,
    European,
    Caribbean,
    African,
    Muslim,
    Indian,
    Chinese,
}

impl Origin {
    const ALL: [Self; 7] = [
        Self::British,
        Self::European,
        Self::Caribbean,
        Self::African,
        Self::Muslim,
        Self::Indian,
        Self::Chinese,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::British => "british",
            Self::European => "european",
            Self::Caribbean => "caribbean",
            Self::African => "african",
            Self::Muslim => "muslim",
            Self::Indian => "indian",
            Self::Chinese => "chinese",
        }
    }

    const fn of(ethnicity: Ethnicity) -> Self {
        match ethnicity {
            Ethnicity::WhiteOther | Ethnicity::WhiteRoma => Self::European,
            Ethnicity::BlackCaribbean | Ethnicity::BlackOther | Ethnicity::MixedWhiteAndBlackCaribbean => {
                Self::Caribbean
            }
            Ethnicity::BlackAfrican => Self::African,
            Ethnicity::Pakistani | Ethnicity::Bangladeshi | Ethnicity::Arab => Self::Muslim,
            Ethnicity::Indian | Ethnicity::AsianOther => Self::Indian,
            Ethnicity::Chinese => Self::Chinese,
            _ => Self::British,
        }
    }

    /// Share of people with a given name of the list rather than one of England's.
    const fn own_given_names(self) -> f64 {
        match self {
            Self::British | Self::Caribbean => 0.0,
            Self::European => 0.7,
            Self::African | Self::Chinese => 0.4,
            Self::Muslim => 0.95,
            Self::Indian => 0.85,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;

    #[test]
    fn regress_names_suit_sex_decade_and_origin() {
        let book = NameBook::embedded();
        assert!(book.decades.len() >= 11, "{}", book.decades.len());
        let mut stream = StreamKey::new(1, "identity").open(7);
        for ethnicity in Ethnicity::ALL {
            for sex in [Sex::Female, Sex::Male] {
                assert_ne!(book.given_name(1950, sex, ethnicity, &mut stream), "Alex");
            }
            assert!(!book.family_name(ethnicity, &mut stream).is_empty());
        }
        for (origin, lists) in Origin::ALL.iter().zip(&book.origins) {
            assert!(lists[2].len() >= 25, "{origin:?}");
            assert_eq!(lists[0].is_empty(), origin.own_given_names() == 0.0, "{origin:?}");
        }
    }
}
