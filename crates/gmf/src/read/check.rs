//! Checks that need all states: submodules in a circle, circles without delay.

use crate::error::{Fault, Problem};
use crate::ir::{Action, State};
use crate::names::StateId;
use crate::read::Compiled;

/// States shown of a circle.
const SHOWN: usize = 6;

/// Finds calls that never return and circles that no one can leave.
pub(crate) fn check(compiled: &mut Compiled) {
    let mut faults = recursion(compiled);
    if faults.is_empty() {
        faults = circles(compiled);
    }
    compiled.faults.extend(faults);
}

/// Modules that call themselves, through others or not.
fn recursion(compiled: &Compiled) -> Vec<Fault> {
    let calls: Vec<Vec<(usize, usize)>> = compiled
        .modules
        .iter()
        .map(|module| {
            states_of(compiled, module.first_state, module.state_count)
                .filter_map(|place| match &compiled.states[place].action {
                    Action::CallSubmodule(called) => Some((place, called.0.index())),
                    _ => None,
                })
                .collect()
        })
        .collect();
    let mut colour = vec![0_u8; compiled.modules.len()];
    let mut faults = Vec::new();
    for start in 0..compiled.modules.len() {
        // Depth first, with the place in each module's calls kept by hand: depth is the user's.
        let mut stack: Vec<(usize, usize)> = Vec::new();
        if colour[start] == 0 {
            colour[start] = 1;
            stack.push((start, 0));
        }
        while let Some((module, next)) = stack.pop() {
            let Some((state, called)) = calls[module].get(next).copied() else {
                colour[module] = 2;
                continue;
            };
            stack.push((module, next + 1));
            if colour[called] == 0 {
                colour[called] = 1;
                stack.push((called, 0));
            } else if colour[called] == 1 {
                let mut circle: Vec<&str> = stack
                    .iter()
                    .map(|(module, _)| *module)
                    .skip_while(|module| *module != called)
                    .map(|module| compiled.modules[module].path.as_str())
                    .collect();
                circle.push(&compiled.modules[called].path);
                let problem = Problem::Recursion { circle: circle.join(" > ") };
                faults.push(fault(compiled, state, "submodule", problem));
            }
        }
    }
    faults
}

/// States from which nothing is ever reached that waits or ends.
fn circles(compiled: &Compiled) -> Vec<Fault> {
    let count = compiled.states.len();
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut can_rest: Vec<bool> = vec![false; count];
    let mut queue: Vec<usize> = Vec::new();
    for (place, state) in compiled.states.iter().enumerate() {
        for target in &state.targets {
            before[target.index()].push(place as u32);
        }
        if may_rest(state) {
            can_rest[place] = true;
            queue.push(place);
        }
    }
    while let Some(place) = queue.pop() {
        for source in &before[place] {
            let source = *source as usize;
            if !can_rest[source] {
                can_rest[source] = true;
                queue.push(source);
            }
        }
    }
    let mut faults = Vec::new();
    for module in &compiled.modules {
        let stuck: Vec<usize> = states_of(compiled, module.first_state, module.state_count)
            .filter(|place| !can_rest[*place] && !compiled.states[*place].targets.is_empty())
            .collect();
        if let Some(start) = stuck.first() {
            let circle = walk(compiled, *start);
            let first = circle.first().copied().unwrap_or(*start);
            let names: Vec<&str> = circle
                .iter()
                .take(SHOWN)
                .map(|place| &**compiled.vocabulary.texts.get(compiled.states[*place].name.index()))
                .collect();
            faults.push(fault(compiled, first, "transition", Problem::Circle { circle: names.join(" > ") }));
        }
    }
    faults
}

/// Follows first targets from a state until one comes again; gives the circle.
fn walk(compiled: &Compiled, start: usize) -> Vec<usize> {
    let mut path = vec![start];
    loop {
        let Some(next) = path.last().and_then(|place| compiled.states[*place].targets.first()) else {
            return path;
        };
        if let Some(place) = path.iter().position(|seen| *seen == next.index()) {
            return path.split_off(place);
        }
        path.push(next.index());
    }
}

/// Whether the state can wait, end, or hand over to something that may.
fn may_rest(state: &State) -> bool {
    match &state.action {
        Action::Terminal | Action::Guard(_) | Action::CallSubmodule(_) => true,
        Action::Encounter(encounter) => encounter.is_wellness,
        Action::Delay(amount) => !amount.is_never_positive(),
        Action::Procedure(procedure) => {
            procedure.duration.is_some_and(|duration| !duration.is_never_positive())
        }
        _ => false,
    }
}

fn states_of(compiled: &Compiled, first: u32, count: u32) -> impl Iterator<Item = usize> + use<> {
    let end = (first as usize + count as usize).min(compiled.states.len());
    first as usize..end
}

fn fault(compiled: &Compiled, place: usize, field: &str, problem: Problem) -> Fault {
    let state: &State = &compiled.states[StateId(place as u32).index()];
    Fault {
        file: format!("{}.json", compiled.modules[state.module.index()].path),
        state: Some(compiled.vocabulary.texts.get(state.name.index()).to_string()),
        field: field.to_owned(),
        problem,
    }
}
