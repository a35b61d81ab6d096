//! Attributes and numbers that wait on disk and must come back to the last bit.
//!
//! serde_json reads a decimal to within a unit in the last place; here numbers travel as their bits.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use twinloom_event::{Attribute, Attributes};

#[derive(Serialize, Deserialize)]
enum Exact {
    Bits(u64),
    Other(Attribute),
}

pub(super) fn serialize<S: Serializer>(attributes: &Attributes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(attributes.iter().map(|(name, attribute)| match attribute {
        Attribute::Float(number) => (name, Exact::Bits(number.to_bits())),
        other => (name, Exact::Other(other.clone())),
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Attributes, D::Error> {
    let attributes = Vec::<(Arc<str>, Exact)>::deserialize(deserializer)?;
    let exact = |(name, attribute)| match attribute {
        Exact::Bits(bits) => (name, Attribute::Float(f64::from_bits(bits))),
        Exact::Other(other) => (name, other),
    };
    Ok(attributes.into_iter().map(exact).collect())
}

/// One number that may be absent.
pub(super) mod number {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
    pub(in crate::fhir) fn serialize<S: Serializer>(
        number: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number.map(f64::to_bits).serialize(serializer)
    }

    pub(in crate::fhir) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(f64::from_bits))
    }
}
