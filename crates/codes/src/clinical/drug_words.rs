//! The ATC class that the words of a drug order stand for.

use super::TablesError;

const DRUG_WORDS: &str = include_str!("../../data/drug_words.csv");

/// ATC classes of the third level by words of a drug's name.
///
/// # Source
/// `data/drug_words.csv`, which names its own.
///
/// # Limits
/// By name, not by product and route: an ointment and a tablet of one ingredient have one class, but where
/// the words tell them apart. What combines several ingredients has the class of the first that is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrugWords {
    /// Words and class, the longest words first; no class for what is no treatment of its own.
    rows: Vec<(Box<str>, Option<Box<str>>)>,
}

impl DrugWords {
    /// The table that comes with the program.
    ///
    /// # Errors
    /// [`TablesError::DrugRow`] when a row holds no words or no class.
    pub fn built_in() -> Result<Self, TablesError> {
        let mut rows = Vec::new();
        for row in DRUG_WORDS.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let parts = row.split_once(',').filter(|(words, class)| !words.is_empty() && !class.is_empty());
            let (words, class) = parts.ok_or_else(|| TablesError::DrugRow { row: row.to_owned() })?;
            rows.push((words.into(), (class != "-").then(|| class.into())));
        }
        rows.sort_by(|(one, _): &(Box<str>, _), (other, _)| {
            other.len().cmp(&one.len()).then_with(|| one.cmp(other))
        });
        Ok(Self { rows })
    }

    /// The class of a drug order; none when no words are known, or it is no treatment of its own.
    ///
    /// ```
    /// let words = twinloom_codes::DrugWords::built_in()?;
    /// assert_eq!(words.class_of("Lidocaine 5% Patch"), Some("D04A"));
    /// assert_eq!(words.class_of("Heparin Flush (10 units/ml)"), None);
    /// # Ok::<(), twinloom_codes::TablesError>(())
    /// ```
    pub fn class_of(&self, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        let begins = |place: usize| !name[..place].ends_with(char::is_alphanumeric);
        let found = |words: &str| name.match_indices(words).any(|(place, _)| begins(place));
        self.rows.iter().find(|(words, _)| found(words)).and_then(|(_, class)| class.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_classes_are_of_the_third_level_and_words_are_said_once() {
        let table = DrugWords::built_in().unwrap();
        let mut words: Vec<&str> = table.rows.iter().map(|(words, _)| &**words).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]));
        for (words, class) in &table.rows {
            assert_eq!(**words, *words.to_lowercase());
            let Some(class) = class else { continue };
            let shape: Vec<bool> = class.chars().map(|letter| letter.is_ascii_digit()).collect();
            assert_eq!(shape, [false, true, true, false], "{words} {class}");
        }
    }

    #[test]
    fn regress_the_longest_words_decide_and_begin_a_word() {
        let table = DrugWords::built_in().unwrap();
        for (name, class) in [
            ("Acetaminophen w/Codeine", Some("N02A")),
            ("ARTIFICIAL TEARS", Some("S01X")),
            ("Norepinephrine", Some("C01C")),
            ("Vancomycin Oral Liquid", Some("A07A")),
            ("*NF* Rasburicase", Some("V03A")),
            ("notacetaminophen", None),
            ("Sodium Chloride 0.9%  Flush", None),
            ("", None),
        ] {
            assert_eq!(table.class_of(name), class, "{name}");
        }
    }
}
