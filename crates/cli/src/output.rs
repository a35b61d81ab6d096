//! Standard output: text for people or one JSON document for machines, never both.

use std::io::{self, Write};

use serde::Serialize;

/// Prints a JSON document and a line end; a closed pipe is not an error.
pub(crate) fn print_json(document: &impl Serialize) {
    let text = serde_json::to_string_pretty(document).expect("our documents have string keys");
    print_text(&text);
}

/// Prints a JSON document on one line, without holding all of its text; a closed pipe is not an error.
pub(crate) fn print_compact_json(document: &impl Serialize) {
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    // The reader may have left (`| head`): there is nobody to tell.
    let _ = serde_json::to_writer(&mut out, document);
    let _ = out.write_all(b"\n").and_then(|()| out.flush());
}

/// Prints text and a line end; a closed pipe is not an error.
pub(crate) fn print_text(text: &str) {
    let mut out = io::stdout().lock();
    // The reader may have left (`| head`): there is nobody to tell.
    let _ = writeln!(out, "{text}");
}

/// Groups the digits of a count in threes: 1,234,567.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Lays out rows as aligned columns; the first row is the heading, underlined.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut lines = Vec::with_capacity(rows.len() + 1);
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        lines.push(cells.join("  ").trim_end().to_owned());
        if index == 0 {
            lines.push(widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("  "));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_grouping_and_tables() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1,234,567");
        let rows = vec![vec!["a".into(), "bb".into()], vec!["ccc".into(), "d".into()]];
        assert_eq!(table(&rows), "a    bb\n---  --\nccc  d");
    }
}
