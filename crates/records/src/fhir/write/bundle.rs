//! One subject's timeline as one bundle.

use std::collections::BTreeMap;

use twinloom_event::{EventKind, Timeline};

use super::clinical::elements;
use super::coding::{Codings, Displays};
use super::json;
use super::observation::observation;
use super::patient::{PatientIdentity, organization, patient};
use super::plan::Plan;
use super::resource::ResourceWriter;
use super::resource_type::ResourceType;

/// What was written, and what a bundle can't hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bundles.
    pub bundles: u64,
    /// Resources in them.
    pub resources: u64,
    /// Events that they state.
    pub events: u64,
    /// Events that they don't state, by kind: devices, administration, facts of unknown kind, and
    /// demographic facts that a Patient has no element for.
    pub left_out: BTreeMap<EventKind, u64>,
    /// Events written without their encounter, since the timeline lacks it.
    pub without_encounter: u64,
}

impl Written {
    /// Adds another count.
    pub fn merge(&mut self, other: Self) {
        self.bundles += other.bundles;
        self.resources += other.resources;
        self.events += other.events;
        self.without_encounter += other.without_encounter;
        for (kind, count) in other.left_out {
            *self.left_out.entry(kind).or_default() += count;
        }
    }
}

/// Writes bundles; keeps what one bundle's making can lend to the next.
///
/// Each bundle depends on its timeline, identity and displays only, so that several writers on several
/// threads write what one would.
pub struct BundleWriter<'d> {
    codings: Codings<'d>,
}

impl<'d> BundleWriter<'d> {
    /// A writer that takes the displays of codes from `displays`.
    pub fn new(displays: &'d Displays<'d>) -> Self {
        Self { codings: Codings::new(displays) }
    }

    /// Appends a timeline as one Bundle, without a line end and without one inside.
    pub fn write(
        &mut self,
        out: &mut Vec<u8>,
        timeline: &Timeline,
        identity: Option<&PatientIdentity>,
    ) -> Written {
        let mut written = Written { bundles: 1, ..Written::default() };
        let plan = Plan::of(timeline, &mut written);
        let mut writer = ResourceWriter {
            out,
            codings: &mut self.codings,
            subject: timeline.subject_id().get(),
            practice: identity.map(|identity| identity.practice.ods_code),
            encounters: &plan.encounters,
        };
        writer.raw("{\"resourceType\":\"Bundle\",\"id\":\"");
        json::integer(writer.out, writer.subject);
        writer
            .raw("\",\"meta\":{\"tag\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActReason\",");
        writer.raw("\"code\":\"HTEST\"}]},\"type\":\"collection\",\"entry\":[");
        if let Some(identity) = identity {
            organization(&mut writer, identity.practice);
            written.resources += 1;
        }
        patient(&mut writer, &plan.person, identity);
        written.resources += 1;
        for resource in plan.resources() {
            writer.open(resource.resource_type, resource.id);
            match resource.events {
                [first, components @ ..] if resource.resource_type == ResourceType::Observation => {
                    observation(&mut writer, first, components);
                }
                [event, ..] => elements(&mut writer, resource.resource_type, event),
                [] => {}
            }
            writer.close();
            written.resources += 1;
        }
        writer.raw("]}");
        written
    }
}
