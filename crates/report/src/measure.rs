//! How wide a text is drawn, without a font at hand.

/// Advance widths of the characters from space to `~`, in thousandths of the font size.
///
/// # Source
/// Adobe Core 14 AFM, Helvetica; Arial and Liberation Sans have the same widths.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Width of other characters: wide enough for accented letters; CJK gets a full square.
const OTHER: u16 = 611;

/// The width of a text at a font size, in the same unit as the size.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let thousandths: u64 = text.chars().map(|character| u64::from(width(character))).sum();
    thousandths as f64 * size / 1000.0
}

/// The text, shortened with an ellipsis where it is wider than `room`.
pub(crate) fn fit(text: &str, size: f64, room: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let room = room - text_width("…", size);
    let mut used = 0.0;
    let mut kept = String::new();
    for character in text.chars() {
        used += f64::from(width(character)) * size / 1000.0;
        if used > room {
            break;
        }
        kept.push(character);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

fn width(character: char) -> u16 {
    match character {
        ' '..='~' => WIDTHS[character as usize - ' ' as usize],
        '…' | '\u{2e80}'..='\u{ffff}' | '\u{10000}'.. => 1000,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_helvetica_afm() {
        // Sums of the AFM's WX values: T 611 + e 556 + s 500 + t 278; the digits are all 556.
        assert!((text_width("Test", 1000.0) - 1945.0).abs() < 1e-9);
        assert!((text_width("0123456789", 10.0) - 55.6).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn law_fitted_text_fits(text in "\\PC{0,40}", room in 20.0_f64..200.0) {
            prop_assert!(text_width(&fit(&text, 12.0, room), 12.0) <= room + 1e-9);
        }
    }
}
