//! What stands before and after the sections.

use crate::chart::tiles;
use crate::format;
use crate::markup::Element;
use crate::model::{Origin, Report, Study};

use super::section::heading;

/// The band with the title.
pub(super) fn masthead(report: &Report) -> Element {
    let mut inner = Element::new("div")
        .class("inner")
        .child(Element::with_text("p", "Twinloom study report").class("eyebrow"))
        .child(Element::with_text("h1", report.title.clone()));
    if !report.subtitle.is_empty() {
        inner.push(Element::with_text("p", report.subtitle.clone()).class("subtitle"));
    }
    Element::new("header").child(inner)
}

/// The warning that no page may go without.
pub(super) fn banner(origin: Origin) -> Element {
    let (what, why) = match origin {
        Origin::Simulated => (
            "Simulated data. Not for patient care.",
            "Every patient in this report was invented by a computer program. No person, living or dead, is \
             described.",
        ),
        Origin::Demonstration => (
            "Demonstration data. Not for patient care.",
            "The data are a published, de-identified sample of real care, given out for teaching and testing. \
             Don't try to find out who the patients are.",
        ),
        Origin::Imported => (
            "Research output. Not for patient care.",
            "The data were imported from records. Treat this report as confidential unless your information \
             governance team says otherwise: small numbers are not suppressed.",
        ),
    };
    Element::new("aside")
        .class("banner")
        .attribute("role", "note")
        .child(Element::with_text("strong", what))
        .child(Element::with_text("span", why))
}

/// The study's size as tiles, its provenance as a table.
pub(super) fn facts(study: &Study) -> Element {
    let mut sizes = vec![("Patients", format::count(study.subjects))];
    // A comparison of runs has people but keeps no events.
    if study.events > 0 || study.subjects == 0 {
        sizes.push(("Events", format::count(study.events)));
    }
    if study.subjects > 0 && study.events > 0 {
        let each = study.events as f64 / study.subjects as f64;
        sizes.push(("Events per patient", format::fixed(each, usize::from(each < 100.0))));
    }
    if let (Some(first), Some(last)) = (study.first_event, study.last_event) {
        sizes.push(("From", format::date(first)));
        sizes.push(("To", format::date(last)));
    }
    let origin = match study.origin {
        Origin::Simulated => "Simulated patients",
        Origin::Demonstration => "Published demonstration data set",
        Origin::Imported => "Imported records",
    };
    let mut rows = vec![
        ("Data".to_owned(), origin.to_owned(), false),
        ("Source".to_owned(), study.source.clone(), false),
    ];
    rows.extend(study.facts.iter().map(|fact| (fact.name.clone(), fact.value.clone(), false)));
    if let Some(seed) = study.seed {
        rows.push(("Random seed".to_owned(), seed.to_string(), true));
    }
    rows.push(("Twinloom version".to_owned(), study.version.clone(), true));
    if !study.command.is_empty() {
        rows.push(("Command".to_owned(), study.command.clone(), true));
    }
    let provenance =
        Element::new("dl").class("provenance").children(rows.into_iter().map(|(name, value, code)| {
            let value = if code {
                Element::new("dd").child(Element::with_text("code", value))
            } else {
                Element::with_text("dd", value)
            };
            Element::new("div").child(Element::with_text("dt", name)).child(value)
        }));
    Element::new("section")
        .class("facts")
        .attribute("aria-label", "Study facts")
        .child(tiles(&sizes))
        .child(provenance)
}

/// Links to the sections; none for a single section.
pub(super) fn contents(report: &Report) -> Option<Element> {
    let links = report.sections.iter().enumerate().map(|(index, section)| {
        let link =
            Element::with_text("a", heading(section)).attribute("href", format!("#section-{}", index + 1));
        Element::new("li").child(link)
    });
    (report.sections.len() > 1).then(|| {
        Element::new("nav")
            .attribute("aria-label", "Contents")
            .child(Element::with_text("h2", "Contents"))
            .child(Element::new("ol").children(links))
    })
}

/// The page's foot.
pub(super) fn footer(report: &Report, notice: Option<&str>) -> Element {
    let warning = match report.study.origin {
        Origin::Simulated => "Simulated data. Not for patient care.",
        Origin::Demonstration => "Demonstration data. Not for patient care.",
        Origin::Imported => "Research output. Not for patient care.",
    };
    let made = format!(
        "Made by Twinloom {}. The same inputs, parameters, seed and version give the same file, byte for byte. \
         This file loads nothing from elsewhere{}.",
        report.study.version,
        if notice.is_some() { "" } else { " and runs no script" }
    );
    let inner = Element::new("div")
        .class("inner")
        .child(Element::new("p").child(Element::with_text("strong", warning)))
        .child(Element::with_text("p", made))
        .children(notice.map(|notice| Element::with_text("p", notice)));
    Element::new("footer").child(inner)
}
