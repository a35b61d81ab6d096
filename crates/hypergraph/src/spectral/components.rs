//! Connected parts of the rows of a Gram matrix.

use super::gram::Gram;

/// Parts of two rows or more, by their first row, each ascending. With its diagonal kept, a single row is
/// a part too.
pub(super) fn of(gram: &Gram) -> Vec<Vec<u32>> {
    let mut parent: Vec<u32> = (0..gram.len() as u32).collect();
    let mut touched = vec![false; gram.len()];
    for rows in gram.connecting() {
        let mut first = None;
        for row in rows {
            touched[row as usize] = true;
            let root = root_of(&mut parent, row);
            let known = *first.get_or_insert(root);
            let known = root_of(&mut parent, known);
            parent[root.max(known) as usize] = root.min(known);
        }
    }
    let mut parts: Vec<Vec<u32>> = vec![Vec::new(); gram.len()];
    for row in (0..gram.len() as u32).filter(|row| touched[*row as usize]) {
        let root = root_of(&mut parent, row);
        parts[root as usize].push(row);
    }
    let least = if gram.keeps_diagonal() { 1 } else { 2 };
    parts.retain(|part| part.len() >= least);
    parts
}

fn root_of(parent: &mut [u32], mut row: u32) -> u32 {
    while parent[row as usize] != row {
        parent[row as usize] = parent[parent[row as usize] as usize];
        row = parent[row as usize];
    }
    row
}
