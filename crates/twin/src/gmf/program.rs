//! The modules of a run, linked: one numbering of attributes, codes and states.

use rustc_hash::FxHashMap;

use super::module::Module;
use super::names::{EVER_SMOKED, IMD_DECILE, Names, RECORD_OPEN, SMOKER};
use super::state::StateKind;
use super::{Pathway, PathwayError};

/// Linked modules.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) names: Names,
    pub(crate) modules: Vec<Module>,
    /// The modules that run by themselves.
    pub(crate) roots: Vec<u16>,
    /// The module that each call state calls, by the state's number over all modules.
    pub(crate) calls: FxHashMap<u32, u16>,
    /// Codes whose observation a guard or a hazard may depend on.
    pub(crate) watched: Vec<bool>,
    pub(crate) state_count: usize,
    pub(crate) smoker: u32,
    pub(crate) ever_smoked: u32,
    pub(crate) imd_decile: u32,
    pub(crate) record_open: u32,
}

impl Program {
    pub(crate) fn link(pathways: &[Pathway]) -> Result<Self, PathwayError> {
        let mut names = Names::default();
        let (smoker, ever_smoked) = (names.attribute(SMOKER), names.attribute(EVER_SMOKED));
        let (imd_decile, record_open) = (names.attribute(IMD_DECILE), names.attribute(RECORD_OPEN));
        let (mut modules, mut offset) = (Vec::new(), 0);
        for pathway in pathways {
            let module = Module::read(pathway.file(), pathway.json(), &mut names, offset)?;
            offset += module.states.len() as u32;
            modules.push(module);
        }
        let mut calls = FxHashMap::default();
        for module in &modules {
            for (place, state) in module.states.iter().enumerate() {
                let StateKind::CallSubmodule(called) = &state.kind else { continue };
                let found = pathways.iter().position(|pathway| pathway.answers_to(called));
                let found = found.ok_or_else(|| PathwayError::MissingSubmodule {
                    file: module.file.clone(),
                    state: state.name.clone(),
                    submodule: called.clone(),
                })?;
                calls.insert(module.offset + place as u32, found as u16);
            }
        }
        let mut codes = Vec::new();
        for state in modules.iter().flat_map(|module| &module.states) {
            match &state.kind {
                StateKind::Guard(condition) => condition.observed_codes(&mut codes),
                StateKind::Hazard(hazard) => hazard.observed_codes(&mut codes),
                _ => {}
            }
        }
        let mut watched = vec![false; names.codes().len()];
        for code in codes {
            watched[code as usize] = true;
        }
        let roots =
            (0..pathways.len() as u16).filter(|module| !pathways[usize::from(*module)].is_submodule());
        Ok(Self {
            roots: roots.collect(),
            names,
            modules,
            calls,
            watched,
            state_count: offset as usize,
            smoker,
            ever_smoked,
            imd_decile,
            record_open,
        })
    }
}
