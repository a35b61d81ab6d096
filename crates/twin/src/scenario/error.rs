//! Why a scenario can't be used.

use std::borrow::Cow;

/// What is wrong with a scenario file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// The file can't be read.
    #[error("{file}: can't be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// The system's words.
        reason: String,
    },
    /// Not TOML, or a key that no scenario has.
    #[error("{file}, line {line}, column {column}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// The parser's words.
        message: String,
    },
    /// A number out of range.
    #[error("{file}: {field} = {value} is out of range; permitted: {permitted}")]
    Range {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// The value given, as text.
        value: String,
        /// What may stand there.
        permitted: Cow<'static, str>,
    },
    /// A wave begins before the one that it follows has ended.
    #[error(
        "{file}: {field} begins on {start}, before the previous wave of {problem:?} has ended on {previous_end}; \
         permitted: waves of one problem in order of date, without overlap"
    )]
    Order {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// The problem.
        problem: String,
        /// When it begins.
        start: String,
        /// When the one before ends.
        previous_end: String,
    },
    /// The services can't be as the scenario wants them.
    #[error("{reason}")]
    Supply {
        /// File, field, value and permitted range.
        reason: String,
    },
    /// A name that the model does not have.
    #[error("{file}: {field} names no {sort} of the model; permitted: {permitted}")]
    Unknown {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// What was looked for.
        sort: &'static str,
        /// The names nearest to it, or all if few.
        permitted: String,
    },
    /// A value of another sort than the one it stands for.
    #[error("{file}: {field} is {found}; permitted: {permitted}")]
    Sort {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// What stands there.
        found: &'static str,
        /// What may stand there.
        permitted: &'static str,
    },
}

/// The names nearest to a mistyped one, at most eight, for an error message.
pub(super) fn nearest<'n>(wanted: &str, known: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<(Distance, &str)> = known.map(|name| (distance(wanted, name), name)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return "none".to_owned();
    }
    let more = names.len().saturating_sub(SHOWN);
    let mut text = names.iter().take(SHOWN).map(|(_, name)| *name).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(" and ");
        text.push_str(&more.to_string());
        text.push_str(" more");
    }
    text
}

/// How far a name is from what was wanted: Levenshtein's distance to the nearest of the name's beginnings,
/// since what is wanted is often a beginning, then to the whole.
type Distance = (usize, usize);

fn distance(wanted: &str, name: &str) -> Distance {
    let name: Vec<char> = name.chars().collect();
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (index, left) in wanted.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, right) in name.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(row[column] + 1).min(diagonal + 1);
        }
    }
    let whole = row[name.len()];
    (row.into_iter().min().unwrap_or(whole), whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_levenshtein() {
        assert_eq!(distance("kitten", "sitting").1, 3);
        assert_eq!(distance("", "abc"), (0, 3));
        assert_eq!(nearest("influenca", ["rash", "influenza"].into_iter()), "influenza, rash");
    }
    #[test]
    fn regress_a_beginning_finds_what_begins_so() {
        let known = ["practice.nurse.share", "practice.nurse.slots_per_1000_per_week", "practice.hours"];
        assert!(nearest("practice.nurse.slots", known.into_iter()).starts_with(known[1]));
    }
}
