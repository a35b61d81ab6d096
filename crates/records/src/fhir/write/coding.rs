//! Codes as FHIR Codings, each composed once.

use rustc_hash::FxHashMap;
use twinloom_codes::{TEXT_SYSTEM, system_uri};
use twinloom_event::Code;

use super::json;

const LOCAL_SYSTEM: &str = "LOCAL";

/// Finds a code's display text.
pub type Displays<'d> = dyn Fn(&Code) -> Option<&'d str> + Sync + 'd;

/// The Coding of every code met so far; a record uses few codes and uses them often.
pub(super) struct Codings<'d> {
    displays: &'d Displays<'d>,
    composed: FxHashMap<Code, Box<[u8]>>,
}

impl<'d> Codings<'d> {
    pub(super) fn new(displays: &'d Displays<'d>) -> Self {
        Self { displays, composed: FxHashMap::default() }
    }

    /// Appends `{"system":…,"code":…,"display":…}`.
    pub(super) fn append(&mut self, out: &mut Vec<u8>, code: &Code) {
        if let Some(coding) = self.composed.get(code) {
            out.extend_from_slice(coding);
            return;
        }
        let coding = compose(code, (self.displays)(code));
        out.extend_from_slice(&coding);
        self.composed.insert(code.clone(), coding);
    }
}

/// Words that no system codes (`TEXT//…`) are a display alone where they stand among codings, a source's own codes (`LOCAL//…`) have
/// no system: the importer's conventions, reversed.
fn compose(code: &Code, display: Option<&str>) -> Box<[u8]> {
    let mut coding = Vec::with_capacity(128);
    coding.push(b'{');
    match code.system() {
        Some(TEXT_SYSTEM) => {
            coding.extend_from_slice(b"\"display\":");
            json::string(&mut coding, code.value());
            coding.push(b'}');
            return coding.into_boxed_slice();
        }
        None | Some(LOCAL_SYSTEM) => {}
        Some(system) => {
            coding.extend_from_slice(b"\"system\":");
            json::string(&mut coding, &system_uri(system));
            coding.push(b',');
        }
    }
    coding.extend_from_slice(b"\"code\":");
    json::string(&mut coding, code.value());
    if let Some(display) = display.filter(|display| !display.is_empty()) {
        coding.extend_from_slice(b",\"display\":");
        json::string(&mut coding, display);
    }
    coding.push(b'}');
    coding.into_boxed_slice()
}
