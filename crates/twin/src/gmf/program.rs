//! The modules of a run, linked: one numbering of attributes, codes and states.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::module::Module;
use super::names::{EVER_SMOKED, IMD_DECILE, Names, RECORD_OPEN, SMOKER};
use super::spec::BeginSpec;
use super::state::{State, StateKind};
use super::{Pathway, PathwayError, PathwayParameter};
use crate::patient::{CodeId, FactKind};

/// Linked modules.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) names: Names,
    pub(crate) modules: Vec<Module>,
    /// The modules that run by themselves.
    pub(crate) roots: Vec<u16>,
    /// The module that each call state calls, by the state's number over all modules.
    pub(crate) calls: FxHashMap<u32, u16>,
    /// Where each state's last visit is kept, by the state's number over all modules.
    pub(crate) visit_places: Vec<u32>,
    /// Where each code's last value is kept.
    pub(crate) reading_places: Vec<u32>,
    /// The roots, by their place in `roots`, that the beginning of a condition starts.
    pub(crate) starts: FxHashMap<CodeId, Vec<u16>>,
    /// Parameters that modules read as attributes.
    pub(crate) parameters: Vec<(u32, f64)>,
    pub(crate) smoker: u32,
    pub(crate) ever_smoked: u32,
    pub(crate) imd_decile: u32,
    pub(crate) record_open: u32,
}

impl Program {
    /// Links modules; `overrides` replaces parameters by `module.parameter`, and `add_names` numbers the
    /// codes that the twin itself writes.
    pub(crate) fn link(
        pathways: &[Pathway],
        overrides: &BTreeMap<String, f64>,
        add_names: impl FnOnce(&mut Names),
    ) -> Result<Self, PathwayError> {
        let mut names = Names::with_parameters(parameter_values(pathways, overrides)?);
        let (smoker, ever_smoked) = (names.attribute(SMOKER), names.attribute(EVER_SMOKED));
        let (imd_decile, record_open) = (names.attribute(IMD_DECILE), names.attribute(RECORD_OPEN));
        add_names(&mut names);
        let (mut modules, mut offset) = (Vec::new(), 0);
        for pathway in pathways {
            let module = Module::read(pathway.file(), pathway.json(), &mut names, offset, None)?;
            offset += module.states.len() as u32;
            modules.push(module);
        }
        for module in &mut modules {
            module.waiting_days = names.known_attribute(&format!("{}.waiting_days", module.name));
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
        let roots: Vec<u16> = (0..pathways.len() as u16)
            .filter(|module| !pathways[usize::from(*module)].is_submodule())
            .collect();
        let mut starts = FxHashMap::<CodeId, Vec<u16>>::default();
        for (place, root) in roots.iter().enumerate() {
            for code in &modules[usize::from(*root)].begins_with {
                starts.entry(*code).or_default().push(place as u16);
            }
        }
        Ok(Self {
            roots,
            modules,
            calls,
            visit_places: names.visit_places(offset as usize),
            reading_places: names.reading_places(),
            starts,
            parameters: names.parameter_attributes(),
            smoker,
            ever_smoked,
            imd_decile,
            record_open,
            names,
        })
    }

    /// Makes room for codes that were numbered after linking.
    pub(crate) fn settle_codes(&mut self) {
        self.reading_places = self.names.reading_places();
    }

    /// A state by its number among those of all modules.
    ///
    /// # Panics
    /// When the program has no such state: numbers come from linking.
    pub(crate) fn state(&self, number: u32) -> &State {
        let module = self.modules.partition_point(|module| module.offset <= number) - 1;
        let module = &self.modules[module];
        &module.states[(number - module.offset) as usize]
    }

    /// Whether a module writes something of a sort with a code.
    pub(crate) fn writes(&self, kind: FactKind, code: CodeId) -> bool {
        self.modules.iter().flat_map(|module| &module.states).any(|state| match &state.kind {
            StateKind::Begin(spec) => spec.kind == kind && spec.codes.contains(&code),
            StateKind::Act(own, codes, _) => *own == kind && codes.contains(&code),
            _ => false,
        })
    }

    /// How modules give a medicine: the first state that orders it.
    pub(crate) fn medicine(&self, code: CodeId) -> Option<&BeginSpec> {
        let states = self.modules.iter().flat_map(|module| &module.states);
        let specs = states.filter_map(|state| match &state.kind {
            StateKind::Begin(spec) => Some(spec),
            _ => None,
        });
        specs.into_iter().find(|spec| spec.kind == FactKind::Medication && spec.codes.contains(&code))
    }
}

/// The values of all parameters, with those that `overrides` replaces.
fn parameter_values(
    pathways: &[Pathway],
    overrides: &BTreeMap<String, f64>,
) -> Result<BTreeMap<String, f64>, PathwayError> {
    let mut parameters = BTreeMap::new();
    for pathway in pathways {
        let own = PathwayParameter::read_all(pathway.file(), pathway.json())?;
        parameters.extend(own.into_iter().map(|parameter| (parameter.name.clone(), parameter)));
    }
    for (name, value) in overrides {
        let Some(own) = parameters.get_mut(name) else {
            return Err(PathwayError::UnknownParameter { parameter: name.clone() });
        };
        if !own.permits(*value) {
            return Err(PathwayError::ParameterRange {
                parameter: name.clone(),
                value: value.to_string(),
                permitted: own.range(),
            });
        }
        own.value = *value;
    }
    Ok(parameters.into_iter().map(|(name, own)| (name, own.value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a run reads of the modules: their states, and the parameters that are attributes.
    fn read_by_a_run(overrides: &BTreeMap<String, f64>) -> (Vec<Vec<State>>, Vec<(u32, f64)>) {
        let program = Program::link(&Pathway::library(), overrides, |_| {}).expect("the library is sound");
        (program.modules.into_iter().map(|module| module.states).collect(), program.parameters)
    }

    #[test]
    fn law_every_parameter_of_the_library_acts_and_has_bounds() {
        let shipped = read_by_a_run(&BTreeMap::new());
        let parameters: Vec<PathwayParameter> =
            Pathway::library().iter().flat_map(Pathway::parameters).collect();
        assert!(parameters.len() >= 30, "{}", parameters.len());
        for own in parameters {
            assert!(own.least.is_finite() && own.greatest.is_finite(), "{own:?}");
            let as_shipped = BTreeMap::from([(own.name.clone(), own.value)]);
            assert!(read_by_a_run(&as_shipped) == shipped, "{} as shipped changes something", own.name);
            for bound in [own.least, own.greatest] {
                let at_bound = BTreeMap::from([(own.name.clone(), bound)]);
                assert!(read_by_a_run(&at_bound) != shipped, "{} = {bound} changes nothing", own.name);
            }
            let beyond = BTreeMap::from([(own.name.clone(), own.least - 1.0)]);
            let refused = Program::link(&Pathway::library(), &beyond, |_| {});
            assert!(matches!(refused, Err(PathwayError::ParameterRange { .. })), "{}", own.name);
        }
    }
}
