//! Which events of a timeline make which resources, under which ids.

use std::borrow::Cow;
use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{EncounterId, Event, RecordId, Timeline};

use super::bundle::Written;
use super::id::logical_id;
use super::observation::is_component_of;
use super::patient::Person;
use super::resource_type::ResourceType;

/// A timeline's facts, sorted into the Patient and further resources.
#[derive(Default)]
pub(super) struct Plan<'e> {
    /// What goes into the Patient.
    pub(super) person: Person<'e>,
    /// The ids by which events name the encounters of this timeline.
    pub(super) encounters: FxHashSet<&'e str>,
    resources: Vec<Artefact<'e>>,
    /// Events by resource, the one that gives its name first.
    events: Vec<&'e Event>,
}

struct Artefact<'e> {
    resource_type: ResourceType,
    id: Cow<'e, str>,
    first: &'e Event,
    /// How many events it states.
    size: usize,
}

/// One resource to write.
pub(super) struct PlannedResource<'p, 'e> {
    pub(super) resource_type: ResourceType,
    pub(super) id: &'p str,
    /// What it states; several events only for an Observation with components.
    pub(super) events: &'p [&'e Event],
}

impl<'e> Plan<'e> {
    /// Sorts a timeline's events, counting those that find no place.
    pub(super) fn of(timeline: &'e Timeline, written: &mut Written) -> Self {
        let mut plan = Self::default();
        let mut named: FxHashMap<(ResourceType, &str), usize> = FxHashMap::default();
        let mut nameless: Vec<(usize, String)> = Vec::new();
        let mut members: Vec<(usize, &Event)> = Vec::with_capacity(timeline.events().len());
        for (place, event) in timeline.events().iter().enumerate() {
            if plan.person.take(event) {
                written.events += 1;
                continue;
            }
            let Some(resource_type) = ResourceType::of(event) else {
                *written.left_out.entry(event.kind()).or_default() += 1;
                continue;
            };
            written.events += 1;
            let record = plan.record(resource_type, event);
            let next = plan.resources.len();
            let id = record.map(|record| logical_id(record, resource_type.name()));
            match id.map(|id| named.entry((resource_type, id))) {
                Some(Entry::Occupied(taken)) => {
                    let owner = &mut plan.resources[*taken.get()];
                    if resource_type == ResourceType::Observation && is_component_of(event, owner.first) {
                        owner.size += 1;
                        members.push((*taken.get(), event));
                        continue;
                    }
                    nameless.push((next, format!("{}-{place}", taken.key().1)));
                }
                Some(Entry::Vacant(free)) => {
                    free.insert(next);
                }
                None => nameless.push((next, format!("{}-{place}", timeline.subject_id()))),
            }
            members.push((next, event));
            let id = Cow::Borrowed(id.unwrap_or_default());
            plan.resources.push(Artefact { resource_type, id, first: event, size: 1 });
        }
        for (index, mut id) in nameless {
            let resource = &mut plan.resources[index];
            while named.contains_key(&(resource.resource_type, id.as_str())) {
                id.push('x');
            }
            resource.id = Cow::Owned(id);
        }
        // Stable: components keep the timeline's order.
        members.sort_by_key(|(resource, _)| *resource);
        plan.events = members.into_iter().map(|(_, event)| event).collect();
        let named_encounters = plan.events.iter().filter_map(|event| event.encounter_id());
        let absent = named_encounters.filter(|id| !plan.encounters.contains(id.as_str()));
        written.without_encounter = absent.count() as u64;
        plan
    }

    /// The resources in order of their first events.
    pub(super) fn resources(&self) -> impl Iterator<Item = PlannedResource<'_, 'e>> {
        let mut start = 0;
        self.resources.iter().map(move |resource| {
            let events = &self.events[start..start + resource.size];
            start += resource.size;
            PlannedResource { resource_type: resource.resource_type, id: &resource.id, events }
        })
    }

    /// The id of the record an event came from; an encounter's is what its events call it by.
    fn record(&mut self, resource_type: ResourceType, event: &'e Event) -> Option<&'e str> {
        let record = event.record_id().map(RecordId::as_str);
        if resource_type != ResourceType::Encounter {
            return record;
        }
        let encounter = event.encounter_id().map(EncounterId::as_str).or(record);
        self.encounters.extend(encounter);
        encounter
    }
}
