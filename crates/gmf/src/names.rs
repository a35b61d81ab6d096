//! Texts and codes, each kept once and named by a number.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::Code;

/// Declares a number that names one of a kind of things.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) u32);

        impl $name {
            #[allow(dead_code, reason = "a mark is only compared")]
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// A text of a library.
    TextId
);
index!(
    /// An attribute of a person: any text that a module reads or writes as one.
    AttributeId
);
index!(
    /// A symptom by name.
    SymptomId
);
index!(
    /// A coded concept: system, code, display.
    CodingId
);
index!(
    /// A code's value without its system, the key under which a record keeps what is present.
    KeyId
);
index!(
    /// A state's name that some condition asks for.
    MarkId
);
index!(
    /// A module file.
    ModuleId
);
index!(
    /// A state of any module file.
    StateId
);
index!(
    /// A history: modules of one name share it, as they do in the Java engine.
    HistoryId
);
index!(
    /// A lookup table as one transition uses it.
    TableId
);

/// Texts in the order of their first mention.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interner {
    texts: Vec<Arc<str>>,
    places: FxHashMap<Arc<str>, u32>,
}

impl Interner {
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let (place, text) = (self.texts.len() as u32, Arc::<str>::from(text));
        self.texts.push(Arc::clone(&text));
        self.places.insert(text, place);
        place
    }

    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.places.get(text).copied()
    }

    pub(crate) fn get(&self, place: usize) -> &Arc<str> {
        &self.texts[place]
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// One coded concept.
#[derive(Clone, Debug)]
pub(crate) struct Coding {
    pub(crate) key: KeyId,
    pub(crate) code: Code,
    pub(crate) display: Arc<str>,
}

/// Coded concepts, equal when system and code are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codings {
    codings: Vec<Coding>,
    places: FxHashMap<(Arc<str>, KeyId), CodingId>,
}

impl Codings {
    pub(crate) fn add(
        &mut self,
        keys: &mut Interner,
        system: &str,
        code: &str,
        display: &str,
    ) -> Option<CodingId> {
        let key = KeyId(keys.add(code));
        let system: Arc<str> = canonical_system(system).into();
        if let Some(found) = self.places.get(&(Arc::clone(&system), key)) {
            return Some(*found);
        }
        let id = CodingId(self.codings.len() as u32);
        let coded = Code::new(&system, code).ok()?;
        self.codings.push(Coding { key, code: coded, display: display.into() });
        self.places.insert((system, key), id);
        Some(id)
    }

    pub(crate) fn get(&self, id: CodingId) -> &Coding {
        &self.codings[id.index()]
    }

    pub(crate) fn all(&self) -> &[Coding] {
        &self.codings
    }
}

/// The name of a code system in canonical events.
fn canonical_system(system: &str) -> String {
    match system {
        "SNOMED-CT" | "SNOMED" | "http://snomed.info/sct" => "SNOMED".to_owned(),
        "RxNorm" => "RXNORM".to_owned(),
        "" => "LOCAL".to_owned(),
        other => other.replace("//", "_").to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_texts_are_kept_once() {
        let mut names = Interner::default();
        assert_eq!((names.add("a"), names.add("b"), names.add("a")), (0, 1, 0));
        assert_eq!((names.find("b"), names.find("c"), names.len()), (Some(1), None, 2));
        assert_eq!(&**names.get(1), "b");
    }

    #[test]
    fn regress_codes_are_equal_by_system_and_code() {
        let (mut codings, mut keys) = (Codings::default(), Interner::default());
        let one = codings.add(&mut keys, "SNOMED-CT", "1", "first");
        assert_eq!(codings.add(&mut keys, "SNOMED-CT", "1", "second"), one);
        assert_ne!(codings.add(&mut keys, "LOINC", "1", "x"), one);
        assert_eq!(codings.get(one.unwrap()).code.as_str(), "SNOMED//1");
        assert_eq!(codings.add(&mut keys, "LOINC", "", "x"), None);
    }
}
