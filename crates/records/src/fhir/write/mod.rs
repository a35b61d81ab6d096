//! Writes timelines as FHIR R4 bundles in the shape of UK Core.
//!
//! One subject becomes one Bundle of type `collection`: the Patient, the practice as an Organization,
//! and the record's artefacts. Every resource is marked as test data (`HTEST`). References are
//! literal, `Type/id`; an entry's full URL is its reference below [`BASE_URL`], which leads nowhere.
//!
//! | event kind | resource | time | end | recorded |
//! |---|---|---|---|---|
//! | demographic, birth | Patient | `birthDate` | - | - |
//! | administrative `HOUSEHOLD`, `PRACTICE` | Patient | extension | - | - |
//! | death | Patient | `deceasedDateTime` | - | UK Core's DeathNotificationStatus |
//! | encounter | Encounter | `period.start` | `period.end` | extension |
//! | condition | Condition | `onsetDateTime` | `abatementDateTime` | `recordedDate` |
//! | observation | Observation | `effectiveDateTime`, `effectivePeriod` | `effectivePeriod.end` | `issued` |
//! | medication | MedicationRequest | `authoredOn` | `dispenseRequest.validityPeriod.end` | extension |
//! | procedure | Procedure | `performedDateTime`, `performedPeriod` | `performedPeriod.end` | extension |
//! | immunisation | Immunization | `occurrenceDateTime` | - | `recorded` |
//! | allergy | AllergyIntolerance | `onsetDateTime` | - | `recordedDate` |
//! | document | DiagnosticReport | `effectiveDateTime`, `effectivePeriod` | `effectivePeriod.end` | `issued` |
//! | document | DocumentReference | `date`, else `context.period` | `context.period.end` | extension |
//! | care plan | CarePlan | `period.start` | `period.end` | `created` |
//! | care plan | ServiceRequest | `authoredOn` | `occurrencePeriod.end` | extension |
//!
//! "Extension" is [`RECORDED_TIME_URL`]. A record id that begins with `DocumentReference/` or `ServiceRequest/` chooses that type. Numbers
//! and texts go to `value[x]` (Observation), `doseQuantity` (Immunization and, within
//! `dosageInstruction`, MedicationRequest), `outcome` (Procedure), `conclusion` (DiagnosticReport),
//! `description` (DocumentReference), `dosageInstruction.text` (MedicationRequest); other texts become a `note`.
//!
//! Importing what was written gives the events again, but for what the table has no element for, the
//! kinds that [`Written::left_out`] counts, and record ids that FHIR does not permit.
//!
//! # Source
//! FHIR R4 (4.0.1); UK Core 2.0.0.

mod bundle;
mod clinical;
mod coding;
mod id;
mod json;
mod observation;
mod patient;
mod plan;
mod resource;
mod resource_type;
mod shard;
mod time;

#[cfg(test)]
mod tests;

pub use bundle::{BundleWriter, Written};
pub use coding::Displays;
pub use patient::{PatientIdentity, Practice};
pub use shard::{ShardError, ShardWriter};

/// What the full URLs of entries stand below; the domain is reserved and serves nothing.
pub const BASE_URL: &str = "https://twinloom.example/fhir/";

/// The extension that states when a fact was recorded, on resource types without an element for that.
pub const RECORDED_TIME_URL: &str = "https://twinloom.example/fhir/StructureDefinition/recorded-time";
