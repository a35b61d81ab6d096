//! eICU tables of one row per fact.

use twinloom_event::EventKind;

use crate::tables::spec::{Spec, UnitOf};

/// The tables whose rows each become one event.
pub(super) const SPECS: [Spec; 20] = [
    Spec {
        time: &["drugoffset"],
        recorded: Some("drugenteredoffset"),
        prefix: &["EICU", "ADMISSION_DRUG"],
        code: &["drugname"],
        number: Some("drugdosage"),
        unit: UnitOf::Column("drugunit"),
        attributes: &["drugadmitfrequency", "drughiclseqno", "drugnotetype"],
        ..Spec::new("admissiondrug", EventKind::Medication)
    },
    Spec {
        time: &["admitdxenteredoffset"],
        prefix: &["EICU", "ADMISSION_DIAGNOSIS"],
        code: &["admitdxpath"],
        text: Some("admitdxtext"),
        ..Spec::new("admissiondx", EventKind::Condition)
    },
    Spec {
        time: &["allergyoffset"],
        recorded: Some("allergyenteredoffset"),
        prefix: &["EICU", "ALLERGY"],
        code: &["allergyname"],
        attributes: &["allergytype", "drughiclseqno"],
        ..Spec::new("allergy", EventKind::Allergy)
    },
    Spec {
        time: &["careprovidersaveoffset"],
        prefix: &["EICU", "CARE_PROVIDER"],
        code: &["providertype", "specialty"],
        attributes: &["interventioncategory", "managingphysician"],
        ..Spec::new("careplancareprovider", EventKind::Administrative)
    },
    Spec {
        time: &["cpleoldiscussionoffset"],
        recorded: Some("cpleolsaveoffset"),
        prefix: &["EICU", "END_OF_LIFE_DISCUSSION"],
        ..Spec::new("careplaneol", EventKind::CarePlan)
    },
    Spec {
        time: &["cplitemoffset"],
        prefix: &["EICU", "CARE_PLAN"],
        code: &["cplgroup", "cplitemvalue"],
        ..Spec::new("careplangeneral", EventKind::CarePlan)
    },
    Spec {
        time: &["cplgoaloffset"],
        prefix: &["EICU", "CARE_PLAN_GOAL"],
        code: &["cplgoalcategory", "cplgoalvalue"],
        text: Some("cplgoalstatus"),
        ..Spec::new("careplangoal", EventKind::CarePlan)
    },
    Spec {
        time: &["cplinfectdiseaseoffset"],
        prefix: &["EICU", "INFECTION"],
        code: &["infectdiseasesite"],
        text: Some("infectdiseaseassessment"),
        attributes: &["responsetotherapy", "treatment"],
        ..Spec::new("careplaninfectiousdisease", EventKind::Condition)
    },
    Spec {
        time: &["labotheroffset"],
        prefix: &["EICU", "LAB"],
        code: &["labothername"],
        number: Some("labotherresult"),
        text: Some("labothervaluetext"),
        ..Spec::new("customlab", EventKind::Observation)
    },
    Spec {
        time: &["infusionoffset"],
        prefix: &["EICU", "INFUSION"],
        code: &["drugname"],
        number: Some("drugrate"),
        text: Some("drugrate"),
        attributes: &["infusionrate", "drugamount", "volumeoffluid", "patientweight"],
        ..Spec::new("infusiondrug", EventKind::Medication)
    },
    Spec {
        time: &["intakeoutputoffset"],
        recorded: Some("intakeoutputentryoffset"),
        prefix: &["EICU", "INTAKE_OUTPUT"],
        code: &["cellpath"],
        number: Some("cellvaluenumeric"),
        text: Some("cellvaluetext"),
        attributes: &["intaketotal", "outputtotal", "dialysistotal", "nettotal"],
        ..Spec::new("intakeoutput", EventKind::Observation)
    },
    Spec {
        time: &["labresultoffset"],
        recorded: Some("labresultrevisedoffset"),
        prefix: &["EICU", "LAB"],
        code: &["labname"],
        number: Some("labresult"),
        text: Some("labresulttext"),
        unit: UnitOf::Column("labmeasurenamesystem"),
        ..Spec::new("lab", EventKind::Observation)
    },
    Spec {
        time: &["noteoffset"],
        recorded: Some("noteenteredoffset"),
        prefix: &["EICU", "NOTE"],
        code: &["notepath"],
        text: Some("notetext"),
        attributes: &["notetype"],
        ..Spec::new("note", EventKind::Document)
    },
    Spec {
        time: &["nurseassessoffset"],
        recorded: Some("nurseassessentryoffset"),
        prefix: &["EICU", "NURSE_ASSESSMENT"],
        code: &["celllabel", "cellattribute"],
        text: Some("cellattributevalue"),
        ..Spec::new("nurseassessment", EventKind::Observation)
    },
    Spec {
        time: &["nursecareoffset"],
        recorded: Some("nursecareentryoffset"),
        prefix: &["EICU", "NURSE_CARE"],
        code: &["celllabel", "cellattribute"],
        text: Some("cellattributevalue"),
        ..Spec::new("nursecare", EventKind::Procedure)
    },
    Spec {
        time: &["nursingchartoffset"],
        recorded: Some("nursingchartentryoffset"),
        prefix: &["EICU", "NURSE_CHART"],
        code: &["nursingchartcelltypevallabel", "nursingchartcelltypevalname"],
        text: Some("nursingchartvalue"),
        ..Spec::new("nursecharting", EventKind::Observation)
    },
    Spec {
        time: &["pasthistoryoffset"],
        recorded: Some("pasthistoryenteredoffset"),
        prefix: &["EICU", "PAST_HISTORY"],
        code: &["pasthistorypath"],
        text: Some("pasthistoryvaluetext"),
        attributes: &["pasthistorynotetype"],
        ..Spec::new("pasthistory", EventKind::Condition)
    },
    Spec {
        time: &["physicalexamoffset"],
        prefix: &["EICU", "PHYSICAL_EXAM"],
        code: &["physicalexampath"],
        text: Some("physicalexamtext"),
        ..Spec::new("physicalexam", EventKind::Observation)
    },
    Spec {
        time: &["respchartoffset"],
        recorded: Some("respchartentryoffset"),
        prefix: &["EICU", "RESPIRATORY_CHART"],
        code: &["respchartvaluelabel"],
        text: Some("respchartvalue"),
        attributes: &["respcharttypecat"],
        ..Spec::new("respiratorycharting", EventKind::Observation)
    },
    Spec {
        time: &["treatmentoffset"],
        prefix: &["EICU", "TREATMENT"],
        code: &["treatmentstring"],
        ..Spec::new("treatment", EventKind::Procedure)
    },
];
