//! The table of mappings, in order of resource type.
//!
//! # Source
//! FHIR R4 4.0.1 resource definitions.

use twinloom_event::EventKind;

use super::mapping::{Mapping, ValueFrom};

const PATIENT: &[&str] = &["patient"];
const SUBJECT: &[&str] = &["subject"];
const ENCOUNTER: &[&str] = &["encounter"];
const CONTEXT: &[&str] = &["context", "encounter"];
const ERROR: &[&str] = &["entered-in-error"];
const ERROR_OR_CANCELLED: &[&str] = &["entered-in-error", "cancelled"];
const DENIED: &[&str] = &["entered-in-error", "not-done", "preparation"];
const MEDICATION: &[&str] = &["medicationCodeableConcept", "medicationReference"];

const fn of(resource: &'static str, kind: EventKind) -> Mapping {
    Mapping {
        resource,
        kind,
        subject: SUBJECT,
        encounter: ENCOUNTER,
        code: &["code"],
        time: &[],
        fallback_time: &[],
        end: &[],
        recorded: &[],
        status: "status",
        refused: ERROR,
        value: ValueFrom::Nothing,
    }
}

pub(super) static MAPPINGS: [Mapping; 61] = [
    Mapping {
        subject: SUBJECT,
        code: &["type"],
        time: &["servicePeriod"],
        ..of("Account", EventKind::Administrative)
    },
    Mapping {
        code: &["event"],
        time: &["date", "detected"],
        fallback_time: &["recordedDate"],
        recorded: &["recordedDate"],
        status: "actuality",
        refused: &["potential"],
        ..of("AdverseEvent", EventKind::Condition)
    },
    Mapping {
        subject: PATIENT,
        code: &["code", "reaction.substance"],
        time: &["onsetDateTime", "onsetPeriod"],
        fallback_time: &["recordedDate", "assertedDate", "lastOccurrence"],
        recorded: &["recordedDate", "assertedDate"],
        status: "verificationStatus",
        refused: &["entered-in-error", "refuted"],
        ..of("AllergyIntolerance", EventKind::Allergy)
    },
    Mapping {
        subject: &["participant.actor"],
        code: &["appointmentType", "serviceType", "serviceCategory", "specialty"],
        time: &["start", "requestedPeriod"],
        fallback_time: &["created"],
        end: &["end"],
        recorded: &["created"],
        refused: &["entered-in-error", "cancelled", "noshow"],
        ..of("Appointment", EventKind::Administrative)
    },
    Mapping {
        subject: &["actor"],
        code: &["participantType"],
        time: &["start"],
        end: &["end"],
        status: "participantStatus",
        refused: &["declined"],
        ..of("AppointmentResponse", EventKind::Administrative)
    },
    Mapping {
        code: &["category"],
        time: &["period"],
        fallback_time: &["created"],
        recorded: &["created"],
        ..of("CarePlan", EventKind::CarePlan)
    },
    Mapping { code: &["category"], time: &["period"], ..of("CareTeam", EventKind::CarePlan) },
    Mapping {
        encounter: CONTEXT,
        time: &["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"],
        fallback_time: &["enteredDate"],
        recorded: &["enteredDate"],
        refused: &["entered-in-error", "aborted", "not-billable"],
        value: ValueFrom::Number("quantity"),
        ..of("ChargeItem", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        encounter: &["item.encounter"],
        code: &["type"],
        time: &["billablePeriod"],
        fallback_time: &["created"],
        recorded: &["created"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Number("total"),
        ..of("Claim", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        code: &["type"],
        time: &["created"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Text("outcome"),
        ..of("ClaimResponse", EventKind::Administrative)
    },
    Mapping {
        encounter: &["encounter", "context"],
        time: &["effectiveDateTime", "effectivePeriod"],
        fallback_time: &["date"],
        recorded: &["date"],
        value: ValueFrom::Text("summary"),
        ..of("ClinicalImpression", EventKind::Observation)
    },
    Mapping {
        code: &["topic", "category", "reasonCode"],
        time: &["sent", "received"],
        refused: DENIED,
        ..of("Communication", EventKind::Administrative)
    },
    Mapping {
        code: &["category", "reasonCode"],
        time: &["authoredOn"],
        fallback_time: &["occurrenceDateTime", "occurrencePeriod"],
        ..of("CommunicationRequest", EventKind::Administrative)
    },
    Mapping { code: &["type"], time: &["date"], ..of("Composition", EventKind::Document) },
    Mapping {
        encounter: &["encounter", "context"],
        time: &["onsetDateTime", "onsetPeriod"],
        fallback_time: &["recordedDate", "assertedDate"],
        end: &["abatementDateTime", "abatementPeriod.end"],
        recorded: &["recordedDate", "assertedDate"],
        status: "verificationStatus",
        refused: &["entered-in-error", "refuted"],
        ..of("Condition", EventKind::Condition)
    },
    Mapping {
        subject: PATIENT,
        code: &["category", "scope"],
        time: &["dateTime"],
        refused: &["entered-in-error", "rejected"],
        value: ValueFrom::Text("provision.type"),
        ..of("Consent", EventKind::Administrative)
    },
    Mapping {
        subject: &["beneficiary"],
        code: &["type"],
        time: &["period"],
        refused: ERROR_OR_CANCELLED,
        ..of("Coverage", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        code: &["purpose"],
        time: &["created"],
        refused: ERROR_OR_CANCELLED,
        ..of("CoverageEligibilityRequest", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        code: &["purpose"],
        time: &["created"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Text("outcome"),
        ..of("CoverageEligibilityResponse", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        time: &["identifiedDateTime", "identifiedPeriod"],
        ..of("DetectedIssue", EventKind::Observation)
    },
    Mapping {
        code: &["codeCodeableConcept", "codeReference"],
        time: &["authoredOn"],
        fallback_time: &["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"],
        ..of("DeviceRequest", EventKind::CarePlan)
    },
    Mapping {
        code: &["reasonCode"],
        time: &["timingDateTime", "timingPeriod", "timingTiming"],
        fallback_time: &["recordedOn"],
        recorded: &["recordedOn"],
        ..of("DeviceUseStatement", EventKind::Device)
    },
    Mapping {
        encounter: &["encounter", "context"],
        time: &["effectiveDateTime", "effectivePeriod"],
        fallback_time: &["issued"],
        recorded: &["issued"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Text("conclusion"),
        ..of("DiagnosticReport", EventKind::Document)
    },
    Mapping { code: &["type"], time: &["created"], ..of("DocumentManifest", EventKind::Document) },
    Mapping {
        encounter: &["context.encounter"],
        code: &["type", "category", "class"],
        time: &["date", "created", "indexed"],
        fallback_time: &["context.period"],
        end: &["context.period.end"],
        value: ValueFrom::Text("description"),
        ..of("DocumentReference", EventKind::Document)
    },
    Mapping {
        code: &["type", "serviceType"],
        time: &["period"],
        refused: &["entered-in-error", "cancelled", "planned"],
        ..of("Encounter", EventKind::Encounter)
    },
    Mapping {
        subject: &["candidate"],
        code: &[],
        time: &["created"],
        refused: ERROR_OR_CANCELLED,
        ..of("EnrollmentRequest", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        code: &["type"],
        time: &["period"],
        refused: &["entered-in-error", "cancelled", "planned"],
        ..of("EpisodeOfCare", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        encounter: &["item.encounter"],
        code: &["type"],
        time: &["billablePeriod"],
        fallback_time: &["created"],
        recorded: &["created"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Number("payment.amount"),
        ..of("ExplanationOfBenefit", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        code: &[],
        time: &["date"],
        value: ValueFrom::FamilyHistory,
        ..of("FamilyMemberHistory", EventKind::Observation)
    },
    Mapping { time: &["period"], ..of("Flag", EventKind::Observation) },
    Mapping {
        code: &["description"],
        time: &["startDate"],
        fallback_time: &["statusDate"],
        status: "lifecycleStatus",
        refused: &["entered-in-error", "cancelled", "rejected"],
        ..of("Goal", EventKind::CarePlan)
    },
    Mapping {
        code: &["moduleCodeableConcept", "reasonCode"],
        time: &["occurrenceDateTime"],
        ..of("GuidanceResponse", EventKind::Observation)
    },
    Mapping {
        encounter: CONTEXT,
        code: &["procedureCode", "modality", "series.modality", "modalityList"],
        time: &["started"],
        refused: ERROR_OR_CANCELLED,
        ..of("ImagingStudy", EventKind::Document)
    },
    Mapping {
        subject: PATIENT,
        code: &["vaccineCode"],
        time: &["occurrenceDateTime", "date"],
        fallback_time: &["recorded"],
        recorded: &["recorded"],
        refused: DENIED,
        value: ValueFrom::Number("doseQuantity"),
        ..of("Immunization", EventKind::Immunisation)
    },
    Mapping {
        subject: PATIENT,
        code: &["targetDisease"],
        time: &["date"],
        value: ValueFrom::Coded("doseStatus"),
        ..of("ImmunizationEvaluation", EventKind::Observation)
    },
    Mapping {
        subject: PATIENT,
        code: &["recommendation.vaccineCode", "recommendation.targetDisease"],
        time: &["date"],
        ..of("ImmunizationRecommendation", EventKind::CarePlan)
    },
    Mapping {
        code: &["type"],
        time: &["date"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Number("totalNet"),
        ..of("Invoice", EventKind::Administrative)
    },
    Mapping { time: &["date"], ..of("List", EventKind::Document) },
    Mapping {
        code: &["type"],
        time: &["date"],
        fallback_time: &["period"],
        ..of("MeasureReport", EventKind::Administrative)
    },
    Mapping {
        encounter: &["encounter", "context"],
        code: &["type", "modality", "view"],
        time: &["createdDateTime", "createdPeriod"],
        fallback_time: &["issued"],
        recorded: &["issued"],
        refused: DENIED,
        ..of("Media", EventKind::Document)
    },
    Mapping {
        encounter: CONTEXT,
        code: MEDICATION,
        time: &["effectiveDateTime", "effectivePeriod"],
        refused: DENIED,
        value: ValueFrom::Number("dosage.dose"),
        ..of("MedicationAdministration", EventKind::Medication)
    },
    Mapping {
        encounter: CONTEXT,
        code: MEDICATION,
        time: &["whenHandedOver", "whenPrepared"],
        refused: &["entered-in-error", "cancelled", "declined", "preparation"],
        value: ValueFrom::Number("quantity"),
        ..of("MedicationDispense", EventKind::Medication)
    },
    Mapping {
        encounter: &["encounter", "context"],
        code: MEDICATION,
        time: &["authoredOn"],
        end: &["dispenseRequest.validityPeriod.end"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Number("dosageInstruction.doseAndRate.doseQuantity"),
        ..of("MedicationRequest", EventKind::Medication)
    },
    Mapping {
        encounter: CONTEXT,
        code: MEDICATION,
        time: &["effectiveDateTime", "effectivePeriod"],
        fallback_time: &["dateAsserted"],
        recorded: &["dateAsserted"],
        refused: &["entered-in-error", "not-taken"],
        ..of("MedicationStatement", EventKind::Medication)
    },
    Mapping { subject: PATIENT, code: &["type"], ..of("MolecularSequence", EventKind::Observation) },
    Mapping {
        subject: PATIENT,
        code: &["oralDiet.type", "enteralFormula.baseFormulaType", "supplement.type"],
        time: &["dateTime"],
        ..of("NutritionOrder", EventKind::CarePlan)
    },
    Mapping {
        encounter: &["encounter", "context"],
        time: &["effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming"],
        fallback_time: &["issued"],
        recorded: &["issued"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Observation,
        ..of("Observation", EventKind::Observation)
    },
    Mapping {
        encounter: &["encounter", "context"],
        time: &["performedDateTime", "performedPeriod"],
        refused: DENIED,
        value: ValueFrom::Coded("outcome"),
        ..of("Procedure", EventKind::Procedure)
    },
    Mapping {
        encounter: CONTEXT,
        time: &["authoredOn"],
        fallback_time: &["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"],
        refused: ERROR_OR_CANCELLED,
        ..of("ProcedureRequest", EventKind::CarePlan)
    },
    Mapping {
        subject: &["subject", "source"],
        encounter: &["encounter", "context"],
        code: &[],
        time: &["authored"],
        value: ValueFrom::Questionnaire,
        ..of("QuestionnaireResponse", EventKind::Observation)
    },
    Mapping {
        encounter: CONTEXT,
        code: &["type", "specialty", "reasonCode"],
        time: &["authoredOn"],
        fallback_time: &["occurrenceDateTime", "occurrencePeriod"],
        refused: ERROR_OR_CANCELLED,
        ..of("ReferralRequest", EventKind::CarePlan)
    },
    Mapping { time: &["authoredOn"], ..of("RequestGroup", EventKind::CarePlan) },
    Mapping {
        subject: &["individual"],
        code: &[],
        time: &["period"],
        ..of("ResearchSubject", EventKind::Administrative)
    },
    Mapping {
        code: &["code", "method", "prediction.outcome"],
        time: &["occurrenceDateTime", "occurrencePeriod"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Number("prediction.probabilityDecimal"),
        ..of("RiskAssessment", EventKind::Observation)
    },
    Mapping {
        encounter: &["encounter", "context"],
        time: &["authoredOn"],
        fallback_time: &["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"],
        end: &["occurrencePeriod.end"],
        refused: ERROR_OR_CANCELLED,
        ..of("ServiceRequest", EventKind::CarePlan)
    },
    Mapping {
        code: &["type"],
        time: &["collection.collectedDateTime", "collection.collectedPeriod"],
        fallback_time: &["receivedTime"],
        refused: &["entered-in-error", "unavailable"],
        ..of("Specimen", EventKind::Observation)
    },
    Mapping {
        subject: PATIENT,
        code: &["suppliedItem.itemCodeableConcept", "suppliedItem.itemReference", "type"],
        time: &["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"],
        refused: &["entered-in-error", "abandoned"],
        value: ValueFrom::Number("suppliedItem.quantity"),
        ..of("SupplyDelivery", EventKind::Device)
    },
    Mapping {
        subject: &["deliverTo", "requester"],
        code: &["itemCodeableConcept", "itemReference"],
        time: &["authoredOn"],
        fallback_time: &["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"],
        refused: ERROR_OR_CANCELLED,
        value: ValueFrom::Number("quantity"),
        ..of("SupplyRequest", EventKind::CarePlan)
    },
    Mapping {
        subject: &["for"],
        encounter: CONTEXT_OF_TASK,
        time: &["authoredOn"],
        fallback_time: &["executionPeriod", "lastModified"],
        refused: &["entered-in-error", "cancelled", "rejected", "failed"],
        ..of("Task", EventKind::Administrative)
    },
    Mapping {
        subject: PATIENT,
        code: &["lensSpecification.product"],
        time: &["dateWritten", "created"],
        refused: ERROR_OR_CANCELLED,
        ..of("VisionPrescription", EventKind::CarePlan)
    },
];

const CONTEXT_OF_TASK: &[&str] = &["encounter", "context"];
