//! The known words nearest to a mistyped one, for error messages.

/// At most so many names, nearest first; a name that the mistyped one begins counts as near.
pub(crate) fn nearest<'n>(wanted: &str, known: impl Iterator<Item = &'n str>, shown: usize) -> String {
    let mut names: Vec<((usize, usize), &str)> = known.map(|name| (distances(wanted, name), name)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return "none".to_owned();
    }
    let more = names.len().saturating_sub(shown);
    let mut text = names.iter().take(shown).map(|(_, name)| *name).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(" and ");
        text.push_str(&more.to_string());
        text.push_str(" more");
    }
    text
}

/// Levenshtein's distance of `a` to the beginning of `b` that is nearest to it, and to the whole of `b`.
fn distances(a: &str, b: &str) -> (usize, usize) {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(row[column] + 1).min(diagonal + 1);
        }
    }
    (row.iter().copied().min().unwrap_or_default(), row[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_levenshtein() {
        assert_eq!(distances("kitten", "sitting").1, 3);
        assert_eq!(distances("", "abc").1, 3);
        assert_eq!(nearest("influenca", ["rash", "influenza"].into_iter(), 8), "influenza, rash");
        assert_eq!(nearest("x", ["a", "b", "c"].into_iter(), 1), "a and 2 more");
    }

    #[test]
    fn regress_the_path_that_goes_on_comes_before_paths_of_its_length() {
        let paths = ["practice.nurse.sickness", "practice.nurse.slots_per_1000_per_week", "practice.name"];
        let found = nearest("practice.nurse.slots", paths.into_iter(), 1);
        assert!(found.starts_with("practice.nurse.slots_per_1000_per_week"), "{found}");
    }
}
