//! Who a simulated person is.

use std::sync::Arc;

use twinloom_event::{Code, SubjectId, Timestamp};

use crate::identity::Identity;

/// One simulated person as the twin knows them; nobody's real data.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// 1 for the first person of the run, and so on.
    pub subject_id: SubjectId,
    /// Fictitious direct identifiers.
    pub identity: Identity,
    /// The practice that holds the record.
    pub practice: Practice,
    /// Sex at birth.
    pub sex: Sex,
    /// Time of birth.
    pub birth: Timestamp,
    /// Time of death, if before the end of the run.
    pub death: Option<Timestamp>,
    /// Census category.
    pub ethnicity: Ethnicity,
    /// Decile of the Index of Multiple Deprivation of the home's area, 1 = most deprived.
    pub imd_decile: u8,
    /// Smoking over life.
    pub smoking: SmokingHistory,
    /// The local authority whose shares the person's locality has.
    pub area: Area,
    /// Homes, in order of time, without gaps.
    pub residences: Vec<Residence>,
    /// Registrations with practices, in order of time; gaps are possible, overlaps are not.
    pub registrations: Vec<Registration>,
}

/// A local authority of England.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Nine-character code of the ONS.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A fictitious postal address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// House and street; no such street is meant.
    pub line: String,
    /// Town; no such town exists.
    pub town: String,
    /// Postcode of the pseudo area ZZ99.
    pub postcode: String,
}

/// Living at an address with a household.
#[derive(Clone, Debug, PartialEq)]
pub struct Residence {
    /// Number of the household within its locality; people with the same number at the same time share
    /// a home.
    pub household: u32,
    /// Where.
    pub address: Address,
    /// Pseudonym of the home: the same for all who live there, no other home's, and no part of its address.
    pub home: Arc<str>,
    /// First day.
    pub from: Timestamp,
    /// Day of moving out or death; none while it lasts.
    pub to: Option<Timestamp>,
}

/// Being registered with a practice.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// Which.
    pub practice: Practice,
    /// First day.
    pub from: Timestamp,
    /// Day of deregistration or death; none while it lasts.
    pub to: Option<Timestamp>,
}

/// A fictitious general practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    /// Organisation code in the form of the NHS Organisation Data Service.
    pub ods_code: String,
    /// Name.
    pub name: String,
}

/// Sex at birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// FHIR's administrative-gender word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Female => Self::Male,
            Self::Male => Self::Female,
        }
    }

    /// `SEX//female` or `SEX//male`.
    ///
    /// # Panics
    /// Never: both words are fixed.
    pub fn code(self) -> Code {
        Code::new("SEX", self.as_str()).expect("both words are fixed")
    }
}

/// When a person smoked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SmokingHistory {
    /// First day of smoking; none for a lifelong non-smoker.
    pub started: Option<Timestamp>,
    /// Last day of smoking; none while smoking or never smoked.
    pub stopped: Option<Timestamp>,
}

impl SmokingHistory {
    /// What the person would truthfully answer at a time.
    pub fn status_at(&self, at: Timestamp) -> SmokingStatus {
        match (self.started, self.stopped) {
            (Some(started), _) if at < started => SmokingStatus::Never,
            (Some(_), Some(stopped)) if at >= stopped => SmokingStatus::Former,
            (Some(_), _) => SmokingStatus::Current,
            (None, _) => SmokingStatus::Never,
        }
    }
}

/// Smoking status at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SmokingStatus {
    /// Never smoked.
    Never,
    /// Smoked once.
    Former,
    /// Smokes.
    Current,
}

/// Ethnic category of the 2021 Census in England, with the letter of the NHS Data Dictionary where
/// one exists.
///
/// # Source
/// ONS Census 2021 TS021 (19 groups); NHS Data Dictionary ETHNIC CATEGORY (2001) letters. The 2021
/// groups without a 2001 letter carry that of the 2001 group they were part of: Gypsy or Irish
/// Traveller and Roma `C`, Arab `S`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // Each name is the category's own.
pub enum Ethnicity {
    WhiteBritish,
    WhiteIrish,
    WhiteGypsyOrIrishTraveller,
    WhiteRoma,
    WhiteOther,
    MixedWhiteAndBlackCaribbean,
    MixedWhiteAndBlackAfrican,
    MixedWhiteAndAsian,
    MixedOther,
    Indian,
    Pakistani,
    Bangladeshi,
    Chinese,
    AsianOther,
    BlackCaribbean,
    BlackAfrican,
    BlackOther,
    Arab,
    Other,
}

impl Ethnicity {
    /// Every category, in declaration order.
    pub const ALL: [Self; 19] = [
        Self::WhiteBritish,
        Self::WhiteIrish,
        Self::WhiteGypsyOrIrishTraveller,
        Self::WhiteRoma,
        Self::WhiteOther,
        Self::MixedWhiteAndBlackCaribbean,
        Self::MixedWhiteAndBlackAfrican,
        Self::MixedWhiteAndAsian,
        Self::MixedOther,
        Self::Indian,
        Self::Pakistani,
        Self::Bangladeshi,
        Self::Chinese,
        Self::AsianOther,
        Self::BlackCaribbean,
        Self::BlackAfrican,
        Self::BlackOther,
        Self::Arab,
        Self::Other,
    ];

    /// The NHS Data Dictionary letter, A to S.
    pub const fn letter(self) -> char {
        match self {
            Self::WhiteBritish => 'A',
            Self::WhiteIrish => 'B',
            Self::WhiteGypsyOrIrishTraveller | Self::WhiteRoma | Self::WhiteOther => 'C',
            Self::MixedWhiteAndBlackCaribbean => 'D',
            Self::MixedWhiteAndBlackAfrican => 'E',
            Self::MixedWhiteAndAsian => 'F',
            Self::MixedOther => 'G',
            Self::Indian => 'H',
            Self::Pakistani => 'J',
            Self::Bangladeshi => 'K',
            Self::AsianOther => 'L',
            Self::BlackCaribbean => 'M',
            Self::BlackAfrican => 'N',
            Self::BlackOther => 'P',
            Self::Chinese => 'R',
            Self::Arab | Self::Other => 'S',
        }
    }

    /// The broad group that guidelines and the Census's five-group table use.
    pub const fn group(self) -> EthnicGroup {
        match self {
            Self::WhiteBritish
            | Self::WhiteIrish
            | Self::WhiteGypsyOrIrishTraveller
            | Self::WhiteRoma
            | Self::WhiteOther => EthnicGroup::White,
            Self::MixedWhiteAndBlackCaribbean
            | Self::MixedWhiteAndBlackAfrican
            | Self::MixedWhiteAndAsian
            | Self::MixedOther => EthnicGroup::Mixed,
            Self::Indian | Self::Pakistani | Self::Bangladeshi | Self::Chinese | Self::AsianOther => {
                EthnicGroup::Asian
            }
            Self::BlackCaribbean | Self::BlackAfrican | Self::BlackOther => EthnicGroup::Black,
            Self::Arab | Self::Other => EthnicGroup::Other,
        }
    }

    /// `ETHNICITY//<letter>`.
    ///
    /// # Panics
    /// Never: a letter is not empty.
    pub fn code(self) -> Code {
        let mut letter = [0; 4];
        Code::new("ETHNICITY", self.letter().encode_utf8(&mut letter)).expect("a letter is not empty")
    }
}

/// The Census's five broad groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // Each name is the group's own.
pub enum EthnicGroup {
    White,
    Mixed,
    Asian,
    Black,
    Other,
}

impl EthnicGroup {
    /// The word that modules compare with.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::White => "White",
            Self::Mixed => "Mixed",
            Self::Asian => "Asian",
            Self::Black => "Black",
            Self::Other => "Other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_smoking_status_follows_the_dates() {
        let year = |year| Timestamp::from_ymd(year, 1, 1).unwrap();
        let history = SmokingHistory { started: Some(year(1990)), stopped: Some(year(2005)) };
        assert_eq!(history.status_at(year(1989)), SmokingStatus::Never);
        assert_eq!(history.status_at(year(1999)), SmokingStatus::Current);
        assert_eq!(history.status_at(year(2005)), SmokingStatus::Former);
        assert_eq!(SmokingHistory::default().status_at(year(2005)), SmokingStatus::Never);
    }

    #[test]
    fn ref_ethnic_category_letters_are_those_of_the_data_dictionary() {
        let letters: std::collections::BTreeSet<char> =
            Ethnicity::ALL.into_iter().map(Ethnicity::letter).collect();
        assert_eq!(letters.into_iter().collect::<String>(), "ABCDEFGHJKLMNPRS");
    }
}
