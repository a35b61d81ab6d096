//! Rows drawn from a fitted autoencoder.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use twinloom_table::{Column, Constraint, Table};

use super::VaeError;
use super::encoding::{Cells, Encoding};
use super::head::Head;
use super::network::Network;
use crate::binning::Repairs;

/// Rows drawn from one stream; part of what is drawn, so it can't change with the number of threads.
const CHUNK: usize = 1 << 10;
/// How often a row is drawn again that breaks a constraint.
const TRIES: u64 = 50;
/// Streams of each try.
const STREAMS: u64 = 1 << 40;

/// Draws rows: latents from the standard normal prior, cells from the likelihood, and rows that break a constraint again.
pub(super) fn sample(
    network: &Network,
    encoding: &Encoding,
    weights: &[f32],
    rows: usize,
    seed: u64,
) -> Result<(Table, Repairs), VaeError> {
    let draw = |count: usize, attempt: u64| {
        let chunks = count.div_ceil(CHUNK);
        let chunk = |place: usize| {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            stream.set_stream(attempt * STREAMS + place as u64);
            let own = CHUNK.min(count - place * CHUNK);
            let latents = (0..own * network.latent()).map(|_| StandardNormal.sample(&mut stream)).collect();
            let outputs = network.decode(weights, latents);
            let constants = &weights[network.constants()];
            let width = encoding.width();
            let mut cells = Vec::with_capacity(own * encoding.heads().len());
            for row in 0..own {
                let (mut output, mut constant) = (row * width, 0);
                for head in encoding.heads() {
                    let (wide, fixed) = (Head::width(head), head.constants());
                    let outputs = &outputs[output..output + wide];
                    cells.push(head.draw(outputs, &constants[constant..constant + fixed], &mut stream));
                    output += wide;
                    constant += fixed;
                }
            }
            cells
        };
        let cells: Vec<_> = (0..chunks).into_par_iter().flat_map_iter(chunk).collect();
        Cells { columns: encoding.heads().len(), cells }
    };
    let mut cells = draw(rows, 0);
    let mut table = encoding.decode(&cells)?;
    let mut bad = breaking(&table);
    let first = bad.len();
    let columns = cells.columns;
    for attempt in 1..=TRIES {
        if bad.is_empty() {
            break;
        }
        let again = draw(bad.len(), attempt);
        let still = breaking(&encoding.decode(&again)?);
        let mut failed = still.iter().copied().peekable();
        let mut left = Vec::new();
        for (place, row) in bad.iter().enumerate() {
            if failed.next_if_eq(&place).is_some() {
                left.push(*row);
            } else {
                cells.cells[row * columns..(row + 1) * columns].copy_from_slice(again.row(place));
            }
        }
        bad = left;
    }
    if first > 0 {
        table = encoding.decode(&cells)?;
    }
    Ok((table, Repairs { redrawn: first - bad.len(), left: bad.len(), ..Repairs::default() }))
}

/// The rows that break a constraint, in order. Combinations are broken by none here, as in `Table::violations`.
fn breaking(table: &Table) -> Vec<usize> {
    let schema = table.schema();
    let constraints: Vec<(&Constraint, Vec<&Column>)> = schema
        .constraints()
        .iter()
        .filter(|constraint| !matches!(constraint, Constraint::Combinations { .. }))
        .map(|constraint| {
            let columns = constraint.columns().into_iter().filter_map(|name| table.column(name).ok());
            (constraint, columns.collect())
        })
        .collect();
    let breaks = |row: &usize| {
        constraints.iter().any(|(constraint, columns)| {
            let value = |column: &&Column| match column {
                Column::Number(values) => values[*row],
                Column::Category(_) => None,
            };
            !constraint.holds(&columns.iter().map(value).collect::<Vec<_>>())
        })
    };
    if constraints.is_empty() { Vec::new() } else { (0..table.len()).filter(breaks).collect() }
}
