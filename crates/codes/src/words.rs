//! Words that no system codes: `TEXT//words`, a code that says there is none.

use twinloom_event::Code;

/// The system part of a code that only holds words.
pub const TEXT_SYSTEM: &str = "TEXT";

/// Characters of the words that the code holds, at most; whole words only.
const TEXT_LIMIT: usize = 120;

/// The code of words without a code: single blanks between them, at most 120 characters; none for no words.
pub fn code_of_words(words: &str) -> Option<Code> {
    let mut plain = String::with_capacity(words.len().min(TEXT_LIMIT));
    let mut characters = 0;
    for word in words.split_whitespace() {
        let own = word.chars().count();
        if characters + own >= TEXT_LIMIT {
            break;
        }
        if !plain.is_empty() {
            plain.push(' ');
            characters += 1;
        }
        plain.push_str(word);
        characters += own;
    }
    Code::new(TEXT_SYSTEM, &plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_words_become_a_code_of_limited_length() {
        assert_eq!(code_of_words(" Heart \n rate ").unwrap().as_str(), "TEXT//Heart rate");
        assert_eq!(code_of_words(" \n"), None);
        let long = code_of_words(&"word ".repeat(100)).unwrap();
        assert_eq!(long.value().len(), 119);
        assert_eq!(code_of_words(long.value()), Some(long));
    }
}
