//! One module, read with the numbering of its run.

use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::keys::Asked;
use super::names::Names;
use super::node::Node;
use super::state::State;
use super::{PathwayError, PathwayParameter};
use crate::patient::CodeId;

/// A module's states by number; the numbers of all modules of a run together are distinct.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) initial: u16,
    /// The number of the first state among those of all modules.
    pub(crate) offset: u32,
    pub(crate) states: Vec<State>,
    /// Conditions whose beginning starts the module; empty where it starts at birth.
    pub(crate) begins_with: Vec<CodeId>,
    /// The attribute `module.waiting_days`, if some module reads it: days waited for the module's last
    /// contact.
    pub(crate) waiting_days: Option<u32>,
}

/// The numbers of a module's states by name.
#[derive(Clone, Debug)]
pub(crate) struct States<'a> {
    places: FxHashMap<&'a str, u16>,
    offset: u32,
}

impl States<'_> {
    /// The state that a node names, by its place in the module.
    pub(crate) fn local(&self, node: &Node<'_>) -> Result<u16, PathwayError> {
        let name = node.text()?;
        let place = self.places.get(name).copied();
        place.ok_or_else(|| {
            node.error(format!("state {name:?} does not exist; permitted: a state of the module"))
        })
    }

    /// The state that a node names, by its number over all modules.
    pub(crate) fn global(&self, node: &Node<'_>) -> Result<u32, PathwayError> {
        Ok(self.offset + u32::from(self.local(node)?))
    }
}

impl Module {
    pub(crate) fn read(
        file: &str,
        json: &Json,
        names: &mut Names,
        offset: u32,
        asked: Option<&Asked>,
    ) -> Result<Self, PathwayError> {
        let whole = Node::new(file, "", json).noting(asked);
        let name = whole.need("name")?.text()?.to_owned();
        let list = whole.need("states")?;
        let map =
            list.json().as_object().ok_or_else(|| list.error("permitted: an object of states by name"))?;
        if map.len() > usize::from(u16::MAX) {
            return Err(list.error(format!("{} states; permitted: at most {}", map.len(), u16::MAX)));
        }
        let places = map.keys().enumerate().map(|(place, name)| (name.as_str(), place as u16)).collect();
        let states_by_name = States { places, offset };
        let initial = states_by_name.places.get("Initial").copied();
        let initial = initial.ok_or_else(|| list.error("lacks the state \"Initial\""))?;
        let states = map
            .iter()
            .map(|(name, json)| {
                State::read(name, &Node::new(file, name, json).noting(asked), names, &states_by_name)
            })
            .collect::<Result<Vec<State>, PathwayError>>()?;
        let begins_with = match whole.get("begins_with") {
            Some(start) => names.code_list(&start.need("condition")?)?,
            None => Vec::new(),
        };
        PathwayParameter::read_list(&whole)?;
        let module =
            Self { file: file.to_owned(), name, initial, offset, states, begins_with, waiting_days: None };
        module.check_cycles()?;
        Ok(module)
    }

    /// Refuses cycles of states in which time can't pass and from which no branch leads out.
    fn check_cycles(&self) -> Result<(), PathwayError> {
        let only_target = |place: u16| {
            let state = &self.states[usize::from(place)];
            let targets = state.transition.as_ref().map(super::transition::Transition::targets);
            match targets.as_deref() {
                Some([first, rest @ ..])
                    if !state.kind.may_wait() && rest.iter().all(|target| target == first) =>
                {
                    Some(*first)
                }
                _ => None,
            }
        };
        for start in 0..self.states.len() as u16 {
            let mut at = start;
            for _ in 0..self.states.len() {
                match only_target(at) {
                    Some(next) => at = next,
                    None => break,
                }
                if at == start {
                    return Err(PathwayError::EndlessCycle {
                        file: self.file.clone(),
                        state: self.states[usize::from(start)].name.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}
