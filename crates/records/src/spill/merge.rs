//! Merging sorted runs.

use std::cmp::Ordering;
use std::io;

use super::run::{Run, RunReader};

/// Rows of several runs in key order; equal keys in order of their runs.
#[derive(Debug)]
pub(crate) struct Merge {
    readers: Vec<RunReader>,
    /// A binary heap of places in `readers`, least key on top.
    heap: Vec<usize>,
    started: bool,
}

impl Merge {
    pub(super) fn new(runs: &[Run]) -> io::Result<Self> {
        let mut readers = Vec::with_capacity(runs.len());
        for run in runs {
            readers.push(run.open()?);
        }
        let mut heap = Vec::with_capacity(readers.len());
        for (place, reader) in readers.iter_mut().enumerate() {
            if reader.advance()? {
                heap.push(place);
            }
        }
        let mut merge = Self { readers, heap, started: false };
        for place in (0..merge.heap.len() / 2).rev() {
            merge.sink_down(place);
        }
        Ok(merge)
    }

    /// The next row; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        if self.started {
            let Some(top) = self.heap.first().copied() else {
                return Ok(None);
            };
            if !self.readers[top].advance()? {
                self.heap.swap_remove(0);
            }
            self.sink_down(0);
        }
        self.started = true;
        Ok(self.heap.first().map(|top| (self.readers[*top].key(), self.readers[*top].value())))
    }

    fn order(&self, a: usize, b: usize) -> Ordering {
        self.readers[a].key().cmp(self.readers[b].key()).then(a.cmp(&b))
    }

    fn sink_down(&mut self, mut place: usize) {
        loop {
            let (left, right) = (2 * place + 1, 2 * place + 2);
            let mut least = place;
            for child in [left, right] {
                if child < self.heap.len() && self.order(self.heap[child], self.heap[least]).is_lt() {
                    least = child;
                }
            }
            if least == place {
                return;
            }
            self.heap.swap(place, least);
            place = least;
        }
    }
}
