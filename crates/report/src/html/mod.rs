//! The page: head, banner, facts, sections, footer.

mod front;
mod script;
mod section;

use crate::markup::Element;
use crate::model::{Origin, Report};

const STYLE: &str = include_str!("style.css");
/// Nothing may be loaded and nothing may run, whatever a label holds; see [`script`] for the exception.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the report as one HTML file.
pub(crate) fn page(report: &Report) -> String {
    let meta = |name: &'static str, content: &str| {
        Element::new("meta").attribute("name", name).attribute("content", content)
    };
    let explorable = script::is_needed(report);
    let policy = if explorable {
        format!("{POLICY}; script-src {}", script::source_expression())
    } else {
        POLICY.to_owned()
    };
    let head = Element::new("head")
        .child(Element::new("meta").attribute("charset", "utf-8"))
        .child(
            Element::new("meta")
                .attribute("http-equiv", "Content-Security-Policy")
                .attribute("content", policy),
        )
        .child(meta("viewport", "width=device-width, initial-scale=1"))
        .child(meta("robots", "noindex"))
        .child(meta("generator", &format!("Twinloom {}", report.study.version)))
        .child(Element::with_text("title", report.title.clone()))
        .child(Element::new("style").raw(STYLE));
    let sections = report.sections.iter().enumerate();
    let mut figures = 0;
    let main = Element::new("main")
        .attribute("id", "content")
        .child(front::banner(report.study.origin))
        .child(front::facts(&report.study))
        .children(front::contents(report))
        .children(sections.map(|(index, content)| section::section(index, content, &mut figures)));
    let body = Element::new("body")
        .class(match report.study.origin {
            Origin::Simulated => "simulated",
            Origin::Demonstration => "demonstration",
            Origin::Imported => "imported",
        })
        .child(Element::with_text("a", "Skip to content").class("skip").attribute("href", "#content"))
        .child(front::masthead(report))
        .child(main)
        .child(front::footer(report, explorable.then_some(script::NOTICE)))
        .children(explorable.then(script::element));
    let mut out = String::from("<!DOCTYPE html>\n");
    Element::new("html").attribute("lang", "en-GB").child(head).child(body).render(&mut out);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::STYLE;

    type Palette<'a> = BTreeMap<&'a str, (f64, f64, f64)>;

    /// The custom properties of the first `:root` block after `start` that are colours.
    fn palette(start: &str) -> Palette<'static> {
        let from = STYLE.find(start).unwrap();
        let block = &STYLE[from..from + STYLE[from..].find('}').unwrap()];
        let properties = block.split(';').filter_map(|part| part.rsplit_once("--")?.1.split_once(": #"));
        let channel =
            |hex: &str, at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        properties.map(|(name, hex)| (name, (channel(hex, 0), channel(hex, 2), channel(hex, 4)))).collect()
    }

    /// Contrast ratio as WCAG 2.1 defines it.
    fn contrast(palette: &Palette<'_>, a: &str, b: &str) -> f64 {
        let linear = |c: f64| if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        let luminance = |name: &str| {
            let (red, green, blue) = palette[name];
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn ref_wcag_2_1_contrast_aa() {
        // Success criteria 1.4.3 (text, 4.5) and 1.4.11 (graphics, 3), in light and in dark.
        for theme in [palette(":root"), palette("prefers-color-scheme: dark")] {
            assert!((contrast(&theme, "card", "card") - 1.0).abs() < 1e-12);
            let texts = [
                ("ink", "card"),
                ("ink", "page"),
                ("ink", "warn"),
                ("ink", "code"),
                ("ink", "tint"),
                ("ink", "teal-tint"),
                ("ink", "gold-tint"),
                ("quiet", "card"),
                ("quiet", "page"),
                ("quiet", "tint"),
                ("quiet", "teal-tint"),
                ("quiet", "gold-tint"),
                ("link", "card"),
                ("brand-ink", "brand"),
                ("ink", "heat-1"),
                ("ink", "heat-2"),
                ("ink", "heat-3"),
                ("heat-ink", "heat-4"),
                ("heat-ink", "heat-5"),
                ("heat-ink", "heat-6"),
            ];
            for (text, ground) in texts {
                assert!(contrast(&theme, text, ground) >= 4.5, "{text} on {ground}");
            }
            for mark in ["blue", "teal", "orange", "plum", "violet", "sky", "gold", "slate"] {
                assert!(contrast(&theme, mark, "card") >= 3.0, "{mark}");
            }
        }
    }
}
