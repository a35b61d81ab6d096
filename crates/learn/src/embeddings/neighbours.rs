//! Which vectors point the same way.

use std::sync::Arc;

use super::Vectors;

/// A vector near another.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// Whose.
    pub name: Arc<str>,
    /// Its place among the vectors.
    pub row: usize,
    /// Cosine of the angle between the two, -1 to 1.
    pub cosine: f64,
}

/// The vectors nearest to one by cosine, itself left out, nearest first; equals in their order.
///
/// A vector of zeros has cosine 0 with every other. Exhaustive: one pass over the vectors.
pub fn nearest(vectors: &Vectors, row: usize, most: usize) -> Vec<Neighbour> {
    let own = vectors.row(row);
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let length = dot(own, own).sqrt();
    let others = (0..if own.is_empty() { 0 } else { vectors.len() }).filter(|other| *other != row);
    let mut found: Vec<Neighbour> = others
        .map(|other| {
            let values = vectors.row(other);
            let scale = length * dot(values, values).sqrt();
            let cosine = if scale > 0.0 { (dot(own, values) / scale).clamp(-1.0, 1.0) } else { 0.0 };
            Neighbour { name: Arc::clone(&vectors.names()[other]), row: other, cosine }
        })
        .collect();
    found.sort_by(|one, other| other.cosine.total_cmp(&one.cosine));
    found.truncate(most);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_cosines_by_hand() {
        let names = ["x", "long x", "diagonal", "zero", "back"].map(Arc::from).to_vec();
        let values = vec![1.0, 0.0, 9.0, 0.0, 1.0, 1.0, 0.0, 0.0, -2.0, 0.0];
        let vectors = Vectors::new(names, 2, values).unwrap();
        let found = nearest(&vectors, 0, 9);
        let names: Vec<&str> = found.iter().map(|neighbour| &*neighbour.name).collect();
        assert_eq!(names, ["long x", "diagonal", "zero", "back"]);
        let expected = [1.0, 0.5_f64.sqrt(), 0.0, -1.0];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found.cosine - expected).abs() < 1e-12));
        assert_eq!(nearest(&vectors, 0, 2).len(), 2);
        assert!(nearest(&vectors, 5, 2).is_empty());
    }
}
