//! The closed sets of demand: all values in order and their names in files.

use super::{Acuity, Attendance, Clinic, Modality, Priority, Specialty, Urgency, Ward};

/// A closed set whose values have names in files and places in tables.
pub trait ClosedSet: Copy + 'static {
    /// Every value, in order.
    const ALL: &'static [Self];

    /// The name in files: words in lower case joined by underscores.
    fn name(self) -> &'static str;

    /// Place in [`ClosedSet::ALL`].
    fn index(self) -> usize;

    /// The value of a name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }
}

macro_rules! closed_set {
    ($set:ident: $($value:ident $name:literal),+ $(,)?) => {
        impl ClosedSet for $set {
            const ALL: &'static [Self] = &[$(Self::$value),+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $name),+
                }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}

closed_set!(Clinic:
    GeneralPractitioner "general_practitioner",
    Nurse "nurse",
    Telephone "telephone",
    HomeVisit "home_visit",
    OutOfHours "out_of_hours",
);

closed_set!(Urgency:
    SameDay "same_day",
    Soon "soon",
    Routine "routine",
);

closed_set!(Priority:
    Emergency "emergency",
    TwoWeekWait "two_week_wait",
    Urgent "urgent",
    Routine "routine",
);

closed_set!(Specialty:
    GeneralMedicine "general_medicine",
    GeneralSurgery "general_surgery",
    Cardiology "cardiology",
    Respiratory "respiratory",
    Diabetes "diabetes",
    Renal "renal",
    Gastroenterology "gastroenterology",
    Neurology "neurology",
    Rheumatology "rheumatology",
    Orthopaedics "orthopaedics",
    Dermatology "dermatology",
    Ophthalmology "ophthalmology",
    EarNoseThroat "ear_nose_throat",
    Gynaecology "gynaecology",
    Urology "urology",
    Oncology "oncology",
    Haematology "haematology",
    ElderlyMedicine "elderly_medicine",
    MentalHealth "mental_health",
    Paediatrics "paediatrics",
    Physiotherapy "physiotherapy",
    Maternity "maternity",
);

closed_set!(Ward:
    Medical "medical",
    Surgical "surgical",
    Elderly "elderly",
    Paediatric "paediatric",
    Maternity "maternity",
    CriticalCare "critical_care",
    MentalHealth "mental_health",
    DayCase "day_case",
);

closed_set!(Modality:
    PlainFilm "plain_film",
    Ultrasound "ultrasound",
    ComputedTomography "computed_tomography",
    MagneticResonance "magnetic_resonance",
    Mammography "mammography",
    Echocardiography "echocardiography",
    Endoscopy "endoscopy",
);

closed_set!(Acuity:
    Immediate "immediate",
    VeryUrgent "very_urgent",
    Urgent "urgent",
    Standard "standard",
    NonUrgent "non_urgent",
);

closed_set!(Attendance:
    Attended "attended",
    DidNotAttend "did_not_attend",
    CancelledByPatient "cancelled_by_patient",
    CancelledByProvider "cancelled_by_provider",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn hold<S: ClosedSet + PartialEq + std::fmt::Debug + serde::Serialize>() {
        for (place, value) in S::ALL.iter().enumerate() {
            assert_eq!(value.index(), place);
            assert_eq!(S::named(value.name()), Some(*value));
            assert_eq!(serde_json::to_value(value).unwrap(), value.name());
        }
        assert_eq!(S::named("none_such"), None);
    }

    #[test]
    fn law_names_and_places_are_inverse_to_each_other() {
        hold::<Acuity>();
        hold::<Attendance>();
        hold::<Clinic>();
        hold::<Modality>();
        hold::<Priority>();
        hold::<Specialty>();
        hold::<Urgency>();
        hold::<Ward>();
    }
}
