//! Descriptions of the codes that a run writes.

use std::collections::BTreeMap;

use twinloom_event::{Code, Concept};

use crate::gmf::{Pathway, PathwayError, Program};
use crate::person::{Ethnicity, Sex};
use crate::truth::TruthWriter;
use crate::world::World;

/// The code of a move into a home; the text is the home's pseudonym.
///
/// # Source
/// Extracts for research state no address: in the SAIL Databank the residential anonymous linking field (RALF)
/// stands for it and tells who lives together (Rodgers et al., Journal of Public Health 2009;31:582; from
/// memory, to be checked).
pub(crate) const HOUSEHOLD: &str = "HOUSEHOLD";
/// The code of a registration with a practice; the text is the practice's organisation code.
pub(crate) const PRACTICE: &str = "PRACTICE";

/// One of the codes above.
pub(crate) fn code_of(text: &'static str) -> Code {
    Code::parse(text).expect("the codes of this file are not empty")
}

/// Descriptions of every code that a run with these pathways may write, in our own wording.
///
/// # Errors
/// [`PathwayError`] when the pathways can't be linked.
pub fn concepts(pathways: &[Pathway]) -> Result<Vec<Concept>, PathwayError> {
    let mut concepts = Program::link(pathways, &BTreeMap::new(), World::add_names)?.names.concepts();
    let mut add = |code: Code, description: &str| {
        concepts.push(Concept { code, description: Some(description.into()), parents: Vec::new() });
    };
    add(Code::birth(), "Born");
    add(
        code_of(HOUSEHOLD),
        "Lives in the home of this pseudonym, as in extracts of GP records, where the pseudonym of the address \
         (RALF, residential anonymous linking field) tells who lives together",
    );
    add(code_of(PRACTICE), "Registered with the practice of this code");
    add(Code::death(), "Died");
    add(Sex::Female.code(), "Female");
    add(Sex::Male.code(), "Male");
    for decile in 1..=10 {
        add(
            imd_decile_code(decile),
            &format!("Index of Multiple Deprivation, decile {decile} (1 = most deprived)"),
        );
    }
    for (code, description) in TruthWriter::own_codes() {
        add(code, &description);
    }
    for ethnicity in Ethnicity::ALL {
        add(ethnicity.code(), letter_description(ethnicity.letter()));
    }
    concepts.sort_by(|a, b| a.code.cmp(&b.code));
    concepts.dedup_by(|later, first| later.code == first.code);
    Ok(concepts)
}

/// The tables that ship with the twin, by file name, for hashing into a manifest.
pub const fn embedded_tables() -> [(&'static str, &'static str); 4] {
    [
        ("need.toml", include_str!("../data/need.toml")),
        ("supply.toml", include_str!("../data/supply.toml")),
        ("systems.toml", include_str!("../data/systems.toml")),
        ("systems_codes.csv", include_str!("../data/systems_codes.csv")),
    ]
}

pub(crate) fn imd_decile_code(decile: u8) -> Code {
    Code::parse(format!("IMD_DECILE//{decile}")).expect("not empty")
}

/// The category of a letter in the NHS Data Dictionary.
fn letter_description(letter: char) -> &'static str {
    match letter {
        'A' => "White: British",
        'B' => "White: Irish",
        'C' => "White: any other White background",
        'D' => "Mixed: White and Black Caribbean",
        'E' => "Mixed: White and Black African",
        'F' => "Mixed: White and Asian",
        'G' => "Mixed: any other mixed background",
        'H' => "Asian or Asian British: Indian",
        'J' => "Asian or Asian British: Pakistani",
        'K' => "Asian or Asian British: Bangladeshi",
        'L' => "Asian or Asian British: any other Asian background",
        'M' => "Black or Black British: Caribbean",
        'N' => "Black or Black British: African",
        'P' => "Black or Black British: any other Black background",
        'R' => "Other ethnic groups: Chinese",
        _ => "Other ethnic groups: any other ethnic group",
    }
}
