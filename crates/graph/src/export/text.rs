//! Texts in CSV and XML.
//!
//! # Source
//! RFC 4180; XML 1.0 (fifth edition), productions 2 and 14.

use std::borrow::Cow;

/// A CSV field: quoted where it must be.
pub(super) fn csv(text: &str) -> Cow<'_, str> {
    let plain = !text.contains([',', '"', '\n', '\r']) && text.trim() == text;
    if plain { Cow::Borrowed(text) } else { Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))) }
}

/// XML character data; characters XML can't hold become U+FFFD.
pub(super) fn xml(text: &str) -> Cow<'_, str> {
    let clean = |letter: char| {
        !matches!(letter, '&' | '<' | '>' | '"' | '\r')
            && (letter >= ' ' || letter == '\t' || letter == '\n')
            && !matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    if text.chars().all(clean) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            letter if clean(letter) => escaped.push(letter),
            _ => escaped.push('\u{fffd}'),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_rfc_4180_and_xml_examples() {
        assert_eq!(csv("aaa"), "aaa");
        assert_eq!(csv("b\"bb"), "\"b\"\"bb\"");
        assert_eq!(csv("b \r\nbb"), "\"b \r\nbb\"");
        assert_eq!(csv(" b"), "\" b\"");
        assert_eq!(xml("a < b & \"c\""), "a &lt; b &amp; &quot;c&quot;");
        assert_eq!(xml("\u{1}\n"), "\u{fffd}\n");
    }
}
