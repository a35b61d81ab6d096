//! Attribute names and values of the truth, made once.

use std::sync::Arc;

use twinloom_event::{Attribute, AttributeType};

use crate::contact::Service;
use crate::supply::{Acuity, ClosedSet, Modality, Priority, Specialty, Ward};

macro_rules! words {
    ($($name:ident $text:literal $type:ident),+ $(,)?) => {
        /// The attributes of events of the truth and what their values are.
        pub fn truth_attributes() -> Vec<(&'static str, AttributeType)> {
            vec![$(($text, AttributeType::$type)),+]
        }

        /// Attribute names.
        #[derive(Debug)]
        pub(super) struct Names {
            $(pub(super) $name: Arc<str>),+
        }

        impl Names {
            pub(super) fn new() -> Self {
                Self { $($name: $text.into()),+ }
            }
        }
    };
}

words!(
    acuity "acuity" Integer,
    adherence "adherence" Float,
    admission_method "admission_method" Text,
    bed "bed" Integer,
    booked "booked" Time,
    by_ambulance "by_ambulance" Boolean,
    category "category" Text,
    cause "cause" Text,
    class "class" Text,
    clinician "clinician" Integer,
    clock_stop "clock_stop" Time,
    contributing "contributing" Text,
    diagnosed "diagnosed" Time,
    diagnosed_by "diagnosed_by" Text,
    dispensed "dispensed" Time,
    issue_days "issue_days" Integer,
    left_unseen "left_unseen" Boolean,
    measured "measured" Float,
    minutes "minutes" Integer,
    modality "modality" Text,
    organisation "organisation" Text,
    prescriber "prescriber" Text,
    priority "priority" Text,
    reason "reason" Text,
    received "received" Time,
    reported "reported" Time,
    requested "requested" Time,
    resulted "resulted" Time,
    seen "seen" Time,
    sent "sent" Time,
    service "service" Text,
    severity "severity" Float,
    specialty "specialty" Text,
    status "status" Text,
    triaged "triaged" Time,
    ward "ward" Text,
);

/// Attribute names and values.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) name: Names,
    classes: Vec<Attribute>,
    services: Vec<Attribute>,
    specialties: Vec<Attribute>,
    wards: Vec<Attribute>,
    priorities: Vec<Attribute>,
    modalities: Vec<Attribute>,
    pub(super) finished: Attribute,
    pub(super) in_progress: Attribute,
    pub(super) active: Attribute,
    pub(super) stopped: Attribute,
    pub(super) imaging: Attribute,
    pub(super) laboratory: Attribute,
    pub(super) general_practice: Attribute,
    pub(super) hospital: Attribute,
}

impl Words {
    pub(super) fn new() -> Self {
        Self {
            name: Names::new(),
            classes: Service::ALL.map(|service| text(service.class())).to_vec(),
            services: Service::ALL.map(|service| text(service.as_str())).to_vec(),
            specialties: names::<Specialty>(),
            wards: names::<Ward>(),
            priorities: names::<Priority>(),
            modalities: names::<Modality>(),
            finished: text("finished"),
            in_progress: text("in-progress"),
            active: text("active"),
            stopped: text("stopped"),
            imaging: text("imaging"),
            laboratory: text("laboratory"),
            general_practice: text("general_practice"),
            hospital: text("hospital"),
        }
    }

    pub(super) fn class(&self, service: Service) -> Attribute {
        self.classes[service as usize].clone()
    }

    pub(super) fn service(&self, service: Service) -> Attribute {
        self.services[service as usize].clone()
    }

    pub(super) fn specialty(&self, specialty: Specialty) -> Attribute {
        self.specialties[specialty.index()].clone()
    }

    pub(super) fn ward(&self, ward: Ward) -> Attribute {
        self.wards[ward.index()].clone()
    }

    pub(super) fn priority(&self, priority: Priority) -> Attribute {
        self.priorities[priority.index()].clone()
    }

    pub(super) fn modality(&self, modality: Modality) -> Attribute {
        self.modalities[modality.index()].clone()
    }
}

/// 1 (immediate) to 5 (non-urgent).
pub(super) fn acuity(acuity: Acuity) -> Attribute {
    Attribute::Integer(acuity.index() as i64 + 1)
}

fn names<T: ClosedSet>() -> Vec<Attribute> {
    T::ALL.iter().map(|value| text(value.name())).collect()
}

pub(super) fn text(word: &str) -> Attribute {
    Attribute::Text(word.into())
}
