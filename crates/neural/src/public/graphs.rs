//! Data sets of many small graphs, one class each.

use std::path::Path;

use super::files::PublicDataError;

/// A graph with a class and a sort of each node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallGraph {
    /// Of each node its sort, counted from 0 over the data set.
    pub sorts: Vec<usize>,
    /// Of each node its neighbours.
    pub neighbours: Vec<Vec<u32>>,
    /// The graph's class, counted from 0.
    pub class: usize,
}

/// Graphs, and the ten parts to hold out in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphCollection {
    /// The graphs.
    pub graphs: Vec<SmallGraph>,
    /// Number of classes.
    pub class_count: usize,
    /// Number of sorts of nodes.
    pub sort_count: usize,
    /// Of each of ten folds the graphs held out.
    pub held_out: Vec<Vec<usize>>,
}

impl GraphCollection {
    /// Reads `NAME.txt` and `10fold_idx/test_idx-1.txt` to `-10` of a folder called NAME.
    ///
    /// # Source
    /// Zhang et al., An End-to-End Deep Learning Architecture for Graph Classification (AAAI 2018); the format
    /// of their program: the number of graphs; of each graph its nodes and class; of each node its sort, the
    /// number of its neighbours and these.
    ///
    /// # Errors
    /// [`PublicDataError`] with file and line.
    pub fn read(folder: &Path) -> Result<Self, PublicDataError> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let file = folder.join(format!("{name}.txt"));
        let text = std::fs::read_to_string(&file)
            .map_err(|error| PublicDataError::Unreadable { file: file.clone(), reason: error.to_string() })?;
        let mut lines = text.lines().enumerate();
        let malformed = |line: usize, reason: &str| PublicDataError::Malformed {
            file: file.clone(),
            line: line as u64 + 1,
            reason: reason.to_owned(),
        };
        let mut next = |wanted: &str| -> Result<(usize, Vec<usize>), PublicDataError> {
            let (line, text) = lines.next().ok_or_else(|| malformed(0, "it ends too early"))?;
            let numbers: Result<Vec<usize>, _> = text.split_whitespace().map(str::parse).collect();
            let numbers = numbers.map_err(|_| malformed(line, "permitted: whole numbers from 0"))?;
            if numbers.is_empty() { Err(malformed(line, wanted)) } else { Ok((line, numbers)) }
        };
        let count = next("the number of graphs")?.1[0];
        let (mut graphs, mut classes, mut sorts) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            let (line, head) = next("the number of nodes and a class")?;
            let [nodes, class] = head[..] else {
                return Err(malformed(line, "permitted: the number of nodes and a class"));
            };
            let mut graph = SmallGraph {
                sorts: Vec::new(),
                neighbours: Vec::new(),
                class: place_of(&mut classes, class),
            };
            for _ in 0..nodes {
                let (line, numbers) = next("a sort, a number of neighbours and these")?;
                let own = numbers.get(2..).unwrap_or_default();
                let fits = numbers.get(1) == Some(&own.len()) && own.iter().all(|node| *node < nodes);
                if !fits {
                    return Err(malformed(line, "permitted: a sort, a number of neighbours and these"));
                }
                graph.sorts.push(place_of(&mut sorts, numbers[0]));
                graph.neighbours.push(own.iter().map(|node| *node as u32).collect());
            }
            graphs.push(graph);
        }
        let mut held_out = Vec::new();
        for fold in 1..=10 {
            let file = folder.join(format!("10fold_idx/test_idx-{fold}.txt"));
            let text = std::fs::read_to_string(&file).map_err(|error| PublicDataError::Unreadable {
                file: file.clone(),
                reason: error.to_string(),
            })?;
            let graph = |(row, line): (usize, &str)| super::files::number(&file, row, line, count);
            held_out.push(
                text.lines()
                    .filter(|line| !line.trim().is_empty())
                    .enumerate()
                    .map(graph)
                    .collect::<Result<_, _>>()?,
            );
        }
        Ok(Self { graphs, class_count: classes.len(), sort_count: sorts.len(), held_out })
    }
}

/// The place of a number among those met so far.
fn place_of(met: &mut Vec<usize>, number: usize) -> usize {
    met.iter().position(|known| *known == number).unwrap_or_else(|| {
        met.push(number);
        met.len() - 1
    })
}
