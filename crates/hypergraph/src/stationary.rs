//! The stationary distribution of a damped Markov chain, even where it is almost reducible.
//!
//! # Source
//! Grassmann, Taksar and Heyman 1985, Operations Research 33:1107-1116: elimination without
//! subtraction, so every probability has nearly full relative precision. Strong components after
//! Tarjan 1972. (Cited from memory.)
//!
//! # Limits
//! A strong component of more than [`DENSE`] nodes is solved by Gauss-Seidel sweeps that are rescaled to
//! the mass that flows through the component; the residual tells how well.

/// Largest strong component that is eliminated as a dense matrix.
const DENSE: usize = 1_500;
const SWEEPS: usize = 5_000;
const TOLERANCE: f64 = 1e-15;

/// A chain by rows of (state, probability), each summing to 1, followed with probability `damping`; with
/// the rest it starts afresh in any state.
pub(crate) struct Chain<'a> {
    pub(crate) rows: &'a [Vec<(usize, f64)>],
    pub(crate) damping: f64,
}

/// Probabilities of the states, and the largest residual.
pub(crate) fn solve(chain: &Chain<'_>) -> (Vec<f64>, f64) {
    let states = chain.rows.len();
    if states == 0 {
        return (Vec::new(), 0.0);
    }
    let restart = (1.0 - chain.damping) / states as f64;
    let mut inflow = vec![restart; states];
    let mut mass = vec![0.0; states];
    let components = components(chain.rows);
    let mut component_of = vec![0; states];
    for (number, component) in components.iter().enumerate() {
        for state in component {
            component_of[*state] = number;
        }
    }
    // Tarjan finds a component after all that it leads to; so from the last, inflow is complete.
    for (number, component) in components.iter().enumerate().rev() {
        let inside = |state: usize| component_of[state] == number;
        if component.len() <= DENSE {
            eliminate(chain, component, &inside, &inflow, &mut mass);
        } else {
            sweep(chain, component, &inside, &inflow, &mut mass);
        }
        for state in component {
            for (to, probability) in chain.rows[*state].iter().filter(|(to, _)| !inside(*to)) {
                inflow[*to] += chain.damping * probability * mass[*state];
            }
        }
    }
    let total: f64 = mass.iter().sum();
    for mass in &mut mass {
        *mass /= total;
    }
    let residual = residual(chain, &mass);
    (mass, residual)
}

fn residual(chain: &Chain<'_>, mass: &[f64]) -> f64 {
    let restart = (1.0 - chain.damping) / mass.len() as f64;
    let mut next = vec![restart; mass.len()];
    for (row, mass) in chain.rows.iter().zip(mass) {
        for (to, probability) in row {
            next[*to] += chain.damping * probability * mass;
        }
    }
    next.iter().zip(mass).map(|(next, mass)| (next - mass).abs()).fold(0.0, f64::max)
}

/// The probability of leaving the component from a state: a sum, never a difference.
fn leaving(chain: &Chain<'_>, state: usize, inside: &impl Fn(usize) -> bool) -> f64 {
    let out: f64 = chain.rows[state].iter().filter(|(to, _)| !inside(*to)).map(|(_, p)| p).sum();
    (1.0 - chain.damping) + chain.damping * out
}

/// Solves x = b + x αP on a component through the chain that returns, on leaving, to the states in
/// proportion to b: state 0 stands for outside.
fn eliminate(
    chain: &Chain<'_>,
    component: &[usize],
    inside: &impl Fn(usize) -> bool,
    inflow: &[f64],
    mass: &mut [f64],
) {
    let size = component.len() + 1;
    let mut place_of = rustc_hash::FxHashMap::default();
    for (place, state) in component.iter().enumerate() {
        place_of.insert(*state, place + 1);
    }
    let mut matrix = vec![0.0; size * size];
    let total: f64 = component.iter().map(|state| inflow[*state]).sum();
    for (place, state) in component.iter().enumerate() {
        matrix[place + 1] = inflow[*state] / total;
        let row = (place + 1) * size;
        matrix[row] = leaving(chain, *state, inside);
        for (to, probability) in &chain.rows[*state] {
            if let Some(column) = place_of.get(to) {
                matrix[row + column] += chain.damping * probability;
            }
        }
    }
    for last in (1..size).rev() {
        let (above, pivot) = matrix.split_at_mut(last * size);
        let pivot = &pivot[..last];
        let out: f64 = pivot.iter().sum();
        for row in above.chunks_exact_mut(size) {
            if row[last] == 0.0 {
                continue;
            }
            row[last] /= out;
            let share = row[last];
            row[..last].iter_mut().zip(pivot).for_each(|(entry, pivot)| *entry += share * pivot);
        }
    }
    let mut found = vec![total; size];
    for place in 1..size {
        found[place] = (0..place).map(|from| found[from] * matrix[from * size + place]).sum();
        mass[component[place - 1]] = found[place];
    }
}

/// Gauss-Seidel with one aggregate: after each sweep all is scaled so that as much leaves as enters,
/// which is the slow mode of a component that is hardly ever left.
fn sweep(
    chain: &Chain<'_>,
    component: &[usize],
    inside: &impl Fn(usize) -> bool,
    inflow: &[f64],
    mass: &mut [f64],
) {
    let mut from: Vec<Vec<(usize, f64)>> = vec![Vec::new(); chain.rows.len()];
    let mut stay = vec![0.0; chain.rows.len()];
    for state in component {
        for (to, probability) in chain.rows[*state].iter().filter(|(to, _)| inside(*to)) {
            if to == state {
                stay[*state] += probability;
            } else {
                from[*to].push((*state, chain.damping * probability));
            }
        }
    }
    let total: f64 = component.iter().map(|state| inflow[*state]).sum();
    let out: Vec<f64> = component.iter().map(|state| leaving(chain, *state, inside)).collect();
    for state in component {
        mass[*state] = total / component.len() as f64;
    }
    for _ in 0..SWEEPS {
        let left: f64 = component.iter().zip(&out).map(|(state, out)| mass[*state] * out).sum();
        let scale = total / left;
        for state in component {
            mass[*state] *= scale;
        }
        let (mut change, mut whole) = (0.0, 0.0);
        for state in component {
            let arriving: f64 = from[*state].iter().map(|(from, share)| mass[*from] * share).sum();
            let next = (inflow[*state] + arriving) / (1.0 - chain.damping * stay[*state]);
            change += f64::abs(next - mass[*state]);
            whole += next;
            mass[*state] = next;
        }
        if change <= TOLERANCE * whole {
            break;
        }
    }
}

/// Strong components, each after those that it leads to, by Tarjan's search without recursion.
fn components(rows: &[Vec<(usize, f64)>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; rows.len()];
    let mut low = vec![0; rows.len()];
    let mut open = vec![false; rows.len()];
    let (mut path, mut found, mut next) = (Vec::new(), Vec::new(), 0);
    for root in 0..rows.len() {
        if index[root] != UNSEEN {
            continue;
        }
        let mut calls = vec![(root, 0)];
        while let Some((state, edge)) = calls.pop() {
            if edge == 0 {
                index[state] = next;
                low[state] = next;
                next += 1;
                path.push(state);
                open[state] = true;
            } else {
                let (child, _) = rows[state][edge - 1];
                if open[child] {
                    low[state] = low[state].min(low[child]);
                }
            }
            if let Some((child, _)) = rows[state].get(edge) {
                calls.push((state, edge + 1));
                if index[*child] == UNSEEN {
                    calls.push((*child, 0));
                }
                continue;
            }
            if low[state] == index[state] {
                let start = path.iter().rposition(|open| *open == state).unwrap_or_default();
                let component = path.split_off(start);
                for state in &component {
                    open[*state] = false;
                }
                found.push(component);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows from weights; a row without any stays where it is.
    fn chain(weights: &[Vec<u32>]) -> Vec<Vec<(usize, f64)>> {
        let row = |(state, row): (usize, &Vec<u32>)| {
            let total: u32 = row.iter().sum();
            let share = |(to, weight): (usize, &u32)| (to, f64::from(*weight) / f64::from(total));
            if total == 0 {
                vec![(state, 1.0)]
            } else {
                row.iter().enumerate().filter(|(_, weight)| **weight > 0).map(share).collect()
            }
        };
        weights.iter().enumerate().map(row).collect()
    }

    #[test]
    fn ref_an_almost_reducible_chain_of_two_states() {
        // State 0 always moves to 1, which stays: pi_0 = (1 - a) / 2 and pi_1 is the rest.
        let rows = chain(&[vec![0, 1], vec![0, 0]]);
        let (mass, residual) = solve(&Chain { rows: &rows, damping: 1.0 - 1e-6 });
        let restart = (1.0 - (1.0 - 1e-6)) / 2.0;
        assert!((mass[0] / restart - 1.0).abs() < 1e-14 && (mass[1] - (1.0 - restart)).abs() < 1e-15);
        assert!(residual < 1e-16);
        assert_eq!(solve(&Chain { rows: &[], damping: 0.5 }), (vec![], 0.0));
    }

    proptest! {
        #[test]
        fn law_what_is_found_is_stationary(
            weights in proptest::collection::vec(proptest::collection::vec(
                prop_oneof![4 => Just(0_u32), 1 => 1_u32..1000], 9), 9),
            damping in prop_oneof![Just(1.0 - 1e-6), Just(0.85)],
        ) {
            let rows = chain(&weights);
            let chain = Chain { rows: &rows, damping };
            let (mass, residual) = solve(&chain);
            prop_assert!((mass.iter().sum::<f64>() - 1.0).abs() < 1e-14);
            prop_assert!(mass.iter().all(|mass| *mass > 0.0) && residual < 1e-14);
            // Sweeps agree with elimination.
            let mut swept = vec![0.0; 9];
            let inflow = vec![(1.0 - damping) / 9.0; 9];
            let components = components(&rows);
            if let [component] = &components[..] {
                sweep(&chain, component, &|_| true, &inflow, &mut swept);
                let total: f64 = swept.iter().sum();
                for (swept, mass) in swept.iter().zip(&mass) {
                    prop_assert!((swept / total - mass).abs() < 1e-9);
                }
            }
        }
    }
}
