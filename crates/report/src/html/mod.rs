//! The page: head, banner, facts, sections, footer.

mod front;
mod section;

use crate::markup::Element;
use crate::model::{Origin, Report};

const STYLE: &str = include_str!("style.css");
/// Nothing may be loaded and nothing may run, whatever a label holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the report as one HTML file.
pub(crate) fn page(report: &Report) -> String {
    let meta = |name: &'static str, content: &str| {
        Element::new("meta").attribute("name", name).attribute("content", content)
    };
    let head = Element::new("head")
        .child(Element::new("meta").attribute("charset", "utf-8"))
        .child(
            Element::new("meta")
                .attribute("http-equiv", "Content-Security-Policy")
                .attribute("content", POLICY),
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
        .child(front::footer(report));
    let mut out = String::from("<!DOCTYPE html>\n");
    Element::new("html").attribute("lang", "en-GB").child(head).child(body).render(&mut out);
    out.push('\n');
    out
}
