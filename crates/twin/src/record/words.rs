//! Attribute names and values that events share, made once.

use std::sync::Arc;

use twinloom_event::Attribute;

/// Attribute names and values, made once.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) class: Arc<str>,
    pub(super) category: Arc<str>,
    pub(super) status: Arc<str>,
    pub(super) intent: Arc<str>,
    pub(super) reason: Arc<str>,
    pub(super) clinical_status: Arc<str>,
    pub(super) verification_status: Arc<str>,
    pub(super) ambulatory: Attribute,
    pub(super) remote: Attribute,
    pub(super) emergency: Attribute,
    pub(super) inpatient: Attribute,
    pub(super) active: Attribute,
    pub(super) resolved: Attribute,
    pub(super) confirmed: Attribute,
    pub(super) completed: Attribute,
    pub(super) stopped: Attribute,
    pub(super) finished: Attribute,
    pub(super) in_progress: Attribute,
    pub(super) order: Attribute,
    pub(super) final_: Attribute,
}

impl Words {
    pub(super) fn new() -> Self {
        let text = |word: &str| Attribute::Text(word.into());
        Self {
            class: "class".into(),
            category: "category".into(),
            status: "status".into(),
            intent: "intent".into(),
            reason: "reason".into(),
            clinical_status: "clinical_status".into(),
            verification_status: "verification_status".into(),
            ambulatory: text("AMB"),
            remote: text("VR"),
            emergency: text("EMER"),
            inpatient: text("IMP"),
            active: text("active"),
            resolved: text("resolved"),
            confirmed: text("confirmed"),
            completed: text("completed"),
            stopped: text("stopped"),
            finished: text("finished"),
            in_progress: text("in-progress"),
            order: text("order"),
            final_: text("final"),
        }
    }
}
