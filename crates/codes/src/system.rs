//! Code systems: the short name in `SYSTEM//value` and the URI that FHIR uses.
//!
//! # Source
//! HL7 Terminology (THO) and the FHIR R4 list of external code systems; UK Core 2.0.0 for the UK's.

use std::borrow::Cow;

/// A code system with a short name of its own; all others go by their URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodeSystem {
    /// SNOMED CT, all editions.
    Snomed,
    /// Dictionary of medicines and devices (NHS).
    Dmd,
    /// ICD-10, WHO and NHS editions.
    Icd10,
    /// ICD-10-CM (US).
    Icd10Cm,
    /// ICD-9-CM (US).
    Icd9Cm,
    /// Logical Observation Identifiers Names and Codes.
    Loinc,
    /// RxNorm (US).
    RxNorm,
    /// OPCS-4 procedures (NHS).
    Opcs4,
    /// British National Formulary chapters.
    Bnf,
    /// Anatomical Therapeutic Chemical classification.
    Atc,
    /// US vaccine codes.
    Cvx,
    /// HL7 v3 ActCode: encounter classes.
    ActCode,
    /// Read codes, version 3 (CTV3).
    Ctv3,
}

impl CodeSystem {
    /// Every named system.
    pub const ALL: [Self; 13] = [
        Self::Snomed,
        Self::Dmd,
        Self::Icd10,
        Self::Icd10Cm,
        Self::Icd9Cm,
        Self::Loinc,
        Self::RxNorm,
        Self::Opcs4,
        Self::Bnf,
        Self::Atc,
        Self::Cvx,
        Self::ActCode,
        Self::Ctv3,
    ];

    /// The system part of a code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snomed => "SNOMED",
            Self::Dmd => "DMD",
            Self::Icd10 => "ICD10",
            Self::Icd10Cm => "ICD10CM",
            Self::Icd9Cm => "ICD9CM",
            Self::Loinc => "LOINC",
            Self::RxNorm => "RXNORM",
            Self::Opcs4 => "OPCS4",
            Self::Bnf => "BNF",
            Self::Atc => "ATC",
            Self::Cvx => "CVX",
            Self::ActCode => "ACTCODE",
            Self::Ctv3 => "CTV3",
        }
    }

    /// The URI in a FHIR Coding.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Snomed => "http://snomed.info/sct",
            Self::Dmd => "https://dmd.nhs.uk",
            Self::Icd10 => "http://hl7.org/fhir/sid/icd-10",
            Self::Icd10Cm => "http://hl7.org/fhir/sid/icd-10-cm",
            Self::Icd9Cm => "http://hl7.org/fhir/sid/icd-9-cm",
            Self::Loinc => "http://loinc.org",
            Self::RxNorm => "http://www.nlm.nih.gov/research/umls/rxnorm",
            Self::Opcs4 => "https://fhir.hl7.org.uk/CodeSystem/OPCS-4",
            Self::Bnf => "https://fhir.hl7.org.uk/CodeSystem/BNF",
            Self::Atc => "http://www.whocc.no/atc",
            Self::Cvx => "http://hl7.org/fhir/sid/cvx",
            Self::ActCode => "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            Self::Ctv3 => "http://read.info/ctv3",
        }
    }

    /// What a user must know before sharing tables of this system.
    pub const fn licence(self) -> &'static str {
        match self {
            Self::Snomed => "SNOMED International; free in the UK under the national licence",
            Self::Dmd => "NHSBSA; Open Government Licence v3.0 through TRUD",
            Self::Icd10 => "World Health Organization; NHS use through TRUD",
            Self::Icd10Cm | Self::Icd9Cm | Self::Cvx => "US government; public domain",
            Self::Loinc => "Regenstrief Institute; free with notice",
            Self::RxNorm => "US National Library of Medicine; own content public",
            Self::Opcs4 => "NHS England; Open Government Licence through TRUD",
            Self::Bnf => "NHSBSA; Open Government Licence v3.0",
            Self::Atc => "WHO Collaborating Centre; free for non-commercial use",
            Self::ActCode => "HL7; CC0",
            Self::Ctv3 => "NHS England; Open Government Licence; retired",
        }
    }
}

/// The system part for a FHIR system URI: the short name, or the URI without its `//`.
///
/// [`system_uri`] is the inverse for every URI without `//` beyond the scheme's.
pub fn system_name(uri: &str) -> Cow<'_, str> {
    if let Some(system) = CodeSystem::ALL.into_iter().find(|system| system.uri() == uri) {
        return Cow::Borrowed(system.name());
    }
    let plain = uri
        .strip_prefix("http://")
        .map(Cow::Borrowed)
        .or_else(|| uri.strip_prefix("https://").map(|rest| Cow::Owned(format!("https:{rest}"))))
        .unwrap_or(Cow::Borrowed(uri));
    if plain.contains("//") { Cow::Owned(plain.replace("//", "/")) } else { plain }
}

/// The FHIR system URI for the system part of a code.
pub fn system_uri(name: &str) -> Cow<'_, str> {
    if let Some(system) = CodeSystem::ALL.into_iter().find(|system| system.name() == name) {
        return Cow::Borrowed(system.uri());
    }
    match name.strip_prefix("https:") {
        Some(rest) => Cow::Owned(format!("https://{rest}")),
        None if name.starts_with("urn:") => Cow::Borrowed(name),
        None => Cow::Owned(format!("http://{name}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_fhir_r4_external_code_system_uris() {
        assert_eq!(system_name("http://snomed.info/sct"), "SNOMED");
        assert_eq!(system_name("http://loinc.org"), "LOINC");
        assert_eq!(system_uri("RXNORM"), "http://www.nlm.nih.gov/research/umls/rxnorm");
    }

    proptest! {
        #[test]
        fn law_uri_round_trips(scheme in "(http://|https://|urn:oid:)", rest in "[a-z][a-z0-9.-]{1,12}(/[A-Za-z0-9-]{1,8}){0,3}") {
            let uri = format!("{scheme}{rest}");
            let name = system_name(&uri);
            prop_assert!(!name.contains("//"));
            prop_assert_eq!(system_uri(&name), uri.as_str());
        }
    }
}
