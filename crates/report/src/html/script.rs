//! The one script that a page may run, and how the page's policy lets it and no other.
//!
//! The script and the libraries it needs are part of this program; nothing of a study is ever written
//! into it. The policy names its SHA-256, so a browser refuses any other script, whatever a label held.
//!
//! # Source
//! Content Security Policy Level 3, section 6.7.3.3 (hash sources), W3C; the digest is base64 of RFC
//! 4648, section 4. Layout: d3-force 3.0.1 (velocity Verlet, Barnes-Hut), ISC licence.
//!
//! # Limits
//! d3-force and the three packages it needs take 17 kB, Cytoscape 3.34 would take 436 kB; and nodes
//! that are elements of the drawing can be reached by keyboard and screen reader, which those of a
//! canvas can't.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::markup::Element;
use crate::model::{Content, Report};

/// What the script is made of, its licence first; each library comes after those it needs.
const SOURCE: &str = concat!(
    "\n/*! d3-dispatch 3.0.2, d3-quadtree 3.0.2, d3-timer 3.0.2, d3-force 3.0.1\n",
    include_str!("../../vendor/d3-force-3.0.1/LICENSE"),
    "*/\n",
    include_str!("../../vendor/d3-dispatch-3.0.2/d3-dispatch.min.js"),
    "\n",
    include_str!("../../vendor/d3-quadtree-3.0.2/d3-quadtree.min.js"),
    "\n",
    include_str!("../../vendor/d3-timer-3.0.2/d3-timer.min.js"),
    "\n",
    include_str!("../../vendor/d3-force-3.0.1/d3-force.min.js"),
    "\n",
    include_str!("neighbourhood.js"),
);

/// The note that the licence asks for, at the foot of a page with the script.
pub(super) const NOTICE: &str = "The neighbourhood can be explored with a script that is written whole in this \
                                 file; without JavaScript the drawing stands still. It contains d3-force 3.0.1, \
                                 d3-dispatch 3.0.2, d3-quadtree 3.0.2 and d3-timer 3.0.2, copyright 2010-2026 Mike \
                                 Bostock, ISC licence, whose text stands at the script's head.";

/// Whether a report shows anything that the script can make explorable.
pub(super) fn is_needed(report: &Report) -> bool {
    report.sections.iter().any(|section| match &section.content {
        Content::Neighbourhood(graph) => !graph.nodes.is_empty(),
        _ => false,
    })
}

/// The script's element.
pub(super) fn element() -> Element {
    Element::new("script").raw(SOURCE)
}

/// The script as the policy names it.
pub(super) fn source_expression() -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(SOURCE)))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_u32, |group, at| group << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        for place in 0..4_usize {
            let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize];
            let shown = if place <= chunk.len() { char::from(digit) } else { '=' };
            text.write_char(shown).expect("writing to a string can't fail");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_base64_rfc_4648_section_10() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn ref_vendored_files_are_those_obtained() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/vendor");
        let mut found = 0;
        for package in std::fs::read_dir(folder).unwrap() {
            let package = package.unwrap().path();
            let readme = std::fs::read_to_string(package.join("README.md")).unwrap();
            assert!(std::fs::read_to_string(package.join("LICENSE")).unwrap().contains("Permission to use"));
            for file in std::fs::read_dir(&package).unwrap() {
                let file = file.unwrap().path();
                if file.extension().is_some_and(|extension| extension == "js") {
                    let text = std::fs::read_to_string(&file).unwrap();
                    let mut digest = String::new();
                    for byte in Sha256::digest(&text) {
                        write!(digest, "{byte:02x}").unwrap();
                    }
                    assert!(readme.contains(&digest), "{}", file.display());
                    assert!(SOURCE.contains(&text), "{} is not used", file.display());
                    found += 1;
                }
            }
        }
        assert_eq!(found, 4);
    }

    #[test]
    fn law_the_script_neither_ends_early_nor_loads() {
        let lower = SOURCE.to_lowercase();
        for word in ["</script", "<!--", "]]>"] {
            assert!(!lower.contains(word), "{word}");
        }
        let own = include_str!("neighbourhood.js");
        for word in
            ["innerHTML", "insertAdjacent", "eval(", "Function(", "import(", "document.write", "localStorage"]
        {
            assert!(!own.contains(word), "{word}");
        }
        for word in ["fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "importScripts", "EventSource"] {
            assert!(!SOURCE.contains(word), "{word}");
        }
    }
}
