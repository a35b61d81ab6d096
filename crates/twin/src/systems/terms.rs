//! What each code is called and how the systems that do not write SNOMED CT code it.
//!
//! # Source
//! `data/systems_codes.csv`, which finds codes by the words of a description.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::Concept;

const CODES: &str = include_str!("../../data/systems_codes.csv");
/// Suppliers of each medicine; a pharmacy hands out one of theirs.
const SUPPLIERS: [&str; 3] = ["Ashgrove", "Belmoor", "Carrick"];
/// What a coder writes for an illness without a code of its own.
const UNSPECIFIED_ILLNESS: &str = "R69X";
/// Units that are taken for each other.
const CONFUSED_UNITS: [(&str, &str); 14] = [
    ("mmol/mol", "%"),
    ("%", "mmol/mol"),
    ("mmol/L", "mg/dL"),
    ("mg/dL", "mmol/L"),
    ("umol/L", "mmol/L"),
    ("g/L", "g/dL"),
    ("g/dL", "g/L"),
    ("kg", "[lb_av]"),
    ("cm", "m"),
    ("m", "cm"),
    ("mm[Hg]", "kPa"),
    ("kg/m2", "kg"),
    ("L", "mL"),
    ("L/min", "L"),
];

/// What the systems know of one concept.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// Our own words for it.
    pub(crate) display: Arc<str>,
    /// Main ICD-10 code, and the asterisk code beside a dagger code.
    pub(crate) icd10: [Option<Arc<str>>; 2],
    pub(crate) opcs4: Option<&'static str>,
    pub(crate) laboratory: Arc<str>,
    pub(crate) examination: Option<&'static str>,
    /// A neighbour for which it may be taken.
    pub(crate) sibling: Option<Arc<str>>,
    /// The suppliers' own products, code and words.
    pub(crate) products: [(Arc<str>, Arc<str>); SUPPLIERS.len()],
}

/// Every concept that a run may write, by code.
#[derive(Debug)]
pub(crate) struct Terms {
    by_code: FxHashMap<Arc<str>, Term>,
    lookup: Lookup,
    unspecified: Arc<str>,
}

impl Terms {
    /// The terms of a run's concepts; `stated` gives the ICD-10 codes that the need table states.
    pub(crate) fn new(concepts: &[Concept], stated: &FxHashMap<String, String>) -> Self {
        let lookup = Lookup::embedded();
        let mut terms: FxHashMap<Arc<str>, Term> = FxHashMap::default();
        // Neighbours share a code system and, where they have one, the first letter of their ICD-10 code.
        let mut groups: BTreeMap<(String, Option<char>), Vec<Arc<str>>> = BTreeMap::new();
        for concept in concepts {
            let code: Arc<str> = concept.code.clone().into();
            let display: Arc<str> = concept.description.clone().unwrap_or_else(|| code.clone());
            let term = lookup.term(&code, display, stated.get(&*code).map(String::as_str));
            let letter = term.icd10[0]
                .as_deref()
                .filter(|own| *own != UNSPECIFIED_ILLNESS)
                .and_then(|own| own.chars().next());
            let group = (concept.code.system().unwrap_or_default().to_owned(), letter);
            groups.entry(group).or_default().push(code.clone());
            terms.insert(code, term);
        }
        for mut members in groups.into_values() {
            members.sort_unstable();
            members.dedup();
            for (place, code) in members.iter().enumerate() {
                let sibling = &members[(place + 1) % members.len()];
                if sibling != code
                    && let Some(term) = terms.get_mut(code)
                {
                    term.sibling = Some(sibling.clone());
                }
            }
        }
        Self { by_code: terms, lookup, unspecified: UNSPECIFIED_ILLNESS.into() }
    }

    pub(crate) fn get(&self, code: &str) -> Option<&Term> {
        self.by_code.get(code)
    }

    /// The words for a code; the code itself when it has none.
    pub(crate) fn display(&self, code: &str) -> Arc<str> {
        self.by_code.get(code).map_or_else(|| code.into(), |term| term.display.clone())
    }

    /// The ICD-10 code of a condition, `R69X` when none is known.
    pub(crate) fn icd10(&self, code: &str) -> [Option<Arc<str>>; 2] {
        self.by_code
            .get(code)
            .map_or_else(|| [Some(self.unspecified.clone()), None], |term| term.icd10.clone())
    }

    /// The code of an illness without a code of its own.
    pub(crate) fn unspecified_illness(&self) -> Arc<str> {
        self.unspecified.clone()
    }

    /// A neighbour of a code of any system: a concept's sibling, another fourth character of an ICD-10
    /// code, another local code.
    pub(crate) fn neighbour(&self, code: &str) -> Option<Arc<str>> {
        if let Some(term) = self.by_code.get(code) {
            return term.sibling.clone();
        }
        self.lookup.neighbour(code)
    }
}

/// A unit for which another may be taken.
pub(crate) fn confused_unit(unit: &str) -> Option<&'static str> {
    CONFUSED_UNITS.iter().find(|(own, _)| *own == unit).map(|(_, other)| *other)
}

/// The embedded table.
#[derive(Debug)]
struct Lookup {
    /// Target, words, codes.
    rows: Vec<(&'static str, Vec<&'static str>, &'static str)>,
}

impl Lookup {
    fn embedded() -> Self {
        let lines = CODES.lines().filter(|line| !line.starts_with('#')).skip(1);
        let rows = lines.filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?, cells.next()?.split(' ').collect(), cells.next()?))
        });
        Self { rows: rows.collect() }
    }

    fn find(&self, target: &str, lower: &str) -> Option<&'static str> {
        self.rows
            .iter()
            .find(|(own, words, _)| *own == target && words.iter().all(|word| lower.contains(word)))
            .map(|(_, _, codes)| *codes)
    }

    fn term(&self, code: &str, display: Arc<str>, stated: Option<&str>) -> Term {
        let lower = display.to_lowercase();
        // A pair of dagger and asterisk codes says more than the one code that the need table states.
        let found = self.find("icd10", &lower);
        let icd10 = match (found, stated) {
            (Some(pair), _) if pair.contains(';') => pair.to_owned(),
            (_, Some(stated)) => four_characters(stated),
            (found, None) => found.unwrap_or(UNSPECIFIED_ILLNESS).to_owned(),
        };
        let mut icd10 = icd10.split(';').map(Arc::from);
        let value = code.split_once("//").map_or(code, |(_, value)| value);
        let product = |supplier: &str| {
            let letter = &supplier[..1];
            (format!("{value}-{letter}").into(), format!("{display} ({supplier})").into())
        };
        Term {
            icd10: [icd10.next(), icd10.next()],
            opcs4: self.find("opcs4", &lower),
            laboratory: self.find("laboratory", &lower).map_or_else(|| local_code(&lower).into(), Into::into),
            examination: self.find("examination", &lower),
            sibling: None,
            products: SUPPLIERS.map(product),
            display,
        }
    }

    fn neighbour(&self, code: &str) -> Option<Arc<str>> {
        // An ICD-10 code with its fourth character: another fourth character.
        let bytes = code.as_bytes();
        if bytes.len() >= 4 && bytes[0].is_ascii_uppercase() && bytes[1].is_ascii_digit() {
            let fourth = match bytes[3] {
                b'9' => '8',
                b'X' => return Some(UNSPECIFIED_ILLNESS.into()).filter(|other: &Arc<str>| &**other != code),
                _ => '9',
            };
            return Some(format!("{}{fourth}{}", &code[..3], &code[4..]).into());
        }
        let place = self.rows.iter().position(|(_, _, codes)| *codes == code)?;
        let target = self.rows[place].0;
        let others = self.rows[place + 1..].iter().chain(&self.rows[..place]);
        others
            .filter(|(own, _, codes)| *own == target && *codes != code)
            .map(|(_, _, codes)| (*codes).into())
            .next()
    }
}

/// An ICD-10 code without its point, X in the place of a fourth character that it lacks.
fn four_characters(code: &str) -> String {
    let mut code = code.replace('.', "");
    while code.len() < 4 {
        code.push('X');
    }
    code
}

/// A local code made of a description's first consonants.
fn local_code(lower: &str) -> String {
    let consonants =
        lower.chars().filter(|letter| letter.is_ascii_alphanumeric() && !"aeiou".contains(*letter));
    let code: String = consonants.take(5).collect();
    if code.is_empty() { "MISC".to_owned() } else { code.to_ascii_uppercase() }
}

#[cfg(test)]
mod tests {
    use twinloom_event::Code;

    use super::*;

    fn concept(code: &str, description: &str) -> Concept {
        Concept {
            code: Code::parse(code).unwrap(),
            description: Some(description.into()),
            parents: Vec::new(),
        }
    }

    #[test]
    fn regress_codes_are_found_by_words() {
        let concepts = [
            concept("SNOMED//44054006", "Type 2 diabetes mellitus"),
            concept("SNOMED//4855003", "Diabetic retinopathy"),
            concept("SNOMED//59621000", "Essential hypertension"),
            concept("SNOMED//999791000000106", "HbA1c, IFCC standardised"),
            concept("X//1", "Something else"),
            concept("X//2", "Some other thing"),
        ];
        let stated = FxHashMap::from_iter([("X//2".to_owned(), "I10".to_owned())]);
        let terms = Terms::new(&concepts, &stated);
        let icd10 = |code: &str| terms.icd10(code).map(|own| own.as_deref().unwrap_or("-").to_owned());
        assert_eq!(icd10("SNOMED//44054006"), ["E119", "-"]);
        assert_eq!(icd10("SNOMED//4855003"), ["E113D", "H360A"]);
        assert_eq!(icd10("X//1"), ["R69X", "-"]);
        assert_eq!(icd10("X//2"), ["I10X", "-"]);
        assert_eq!(&*terms.get("SNOMED//999791000000106").unwrap().laboratory, "HBA1");
        assert_eq!(terms.neighbour("SNOMED//44054006").as_deref(), Some("SNOMED//4855003"));
        assert_eq!(terms.neighbour("E119").as_deref(), Some("E118"));
        assert_eq!(terms.neighbour("I10X").as_deref(), Some("R69X"));
        assert_eq!(terms.neighbour("HBA1").as_deref(), Some("FBHB"));
        assert_eq!(terms.neighbour("nothing"), None);
    }
}
