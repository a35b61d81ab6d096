//! The NHS dictionary of medicines and devices: its XML files and the bonus files that map it.
//!
//! # Source
//! NHSBSA bonus files, schemas `bnf_v1_0.xsd` (VPID or APID with BNF and ATC) and `history_v1_0.xsd`
//! (IDPREVIOUS, which maps to IDCURRENT). The elements of the main
//! files (VTMID, VPPID, APPID, NM) are recalled from memory.

use std::io::Read;

use roxmltree::Node;
use twinloom_codes::CodeSystem;
use twinloom_event::RelationKind;

use super::collector::{Collector, Member};
use super::open::{held, refuse};

const TABLE: &str = "dm+d";

/// A kind of product: its element, its identifier, and what it is a case of or a pack of.
const PRODUCTS: [(&str, &str, &[&str]); 5] = [
    ("VTM", "VTMID", &[]),
    ("VMP", "VPID", &["VTMID"]),
    ("AMP", "APID", &["VPID"]),
    ("VMPP", "VPPID", &["VPID"]),
    ("AMPP", "APPID", &["VPPID", "APID"]),
];

pub(super) fn read(member: &Member<'_>, reader: &mut dyn Read, collector: &mut Collector) {
    let bytes = match held(reader) {
        Ok(bytes) => bytes,
        Err(reason) => return refuse(member.path, &reason, collector),
    };
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return refuse(member.path, "the XML is not UTF-8", collector);
    };
    let document = match roxmltree::Document::parse(text.trim_start_matches('\u{feff}')) {
        Ok(document) => document,
        Err(error) => {
            let line = u64::from(error.pos().row);
            return collector.report.skip(TABLE, "invalid XML; the file is passed over", || member.at(line));
        }
    };
    let mut found = false;
    for element in document.descendants().filter(Node::is_element) {
        let name = element.tag_name().name();
        let Some((_, id, parents)) = PRODUCTS.into_iter().find(|(product, ..)| *product == name) else {
            continue;
        };
        // A list of products may bear the product's name.
        if child(element, id).is_none()
            && child(element, "IDCURRENT").is_none()
            && element.children().any(|child| child.has_children())
        {
            continue;
        }
        found = true;
        match product(member, element, id, parents, collector) {
            Ok(()) => collector.report.keep(TABLE, 0),
            Err(reason) => {
                let line = u64::from(document.text_pos_at(element.range().start).row);
                collector.report.skip(TABLE, reason, || member.at(line));
            }
        }
    }
    if !found {
        refuse(member.path, "the XML holds no VTM, VMP, AMP, VMPP or AMPP", collector);
    }
}

fn product(
    member: &Member<'_>,
    element: Node<'_, '_>,
    id: &str,
    parents: &[&str],
    collector: &mut Collector,
) -> Result<(), &'static str> {
    let system = CodeSystem::Dmd.name();
    if let (Some(current), Some(previous)) = (child(element, "IDCURRENT"), child(element, "IDPREVIOUS")) {
        if current == previous {
            return Err("the identifier has not changed");
        }
        collector.relate((system, previous), RelationKind::MapsTo, (system, current), &member.source);
        return Ok(());
    }
    let own = child(element, id).ok_or("no identifier")?;
    let mut kept = false;
    if let Some(name) = child(element, "NM") {
        kept |= collector.name((system, own), name);
    }
    for parent in parents.iter().filter_map(|parent| child(element, parent)) {
        kept |= collector.relate((system, own), RelationKind::IsA, (system, parent), &member.source);
    }
    for (tag, target) in [("BNF", CodeSystem::Bnf), ("ATC", CodeSystem::Atc)] {
        // This stands for "none" in some releases.
        if let Some(value) = child(element, tag).filter(|value| !matches!(*value, "n/a" | "N/A")) {
            kept |=
                collector.relate((system, own), RelationKind::MapsTo, (target.name(), value), &member.source);
        }
    }
    if kept { Ok(()) } else { Err("neither name nor map") }
}

/// The text of a child element.
fn child<'d>(element: Node<'d, '_>, name: &str) -> Option<&'d str> {
    let found = element.children().find(|child| child.is_element() && child.tag_name().name() == name)?;
    found.text().map(str::trim).filter(|text| !text.is_empty())
}
