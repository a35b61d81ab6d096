//! Labels beside points, where there is room for them.

/// A label that would like to stand beside its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LabelRequest {
    /// The point.
    pub(crate) at: (f64, f64),
    /// The radius of the mark at the point.
    pub(crate) radius: f64,
    /// The label's width.
    pub(crate) width: f64,
    /// The label's height.
    pub(crate) height: f64,
}

/// A box by its left, top, right and bottom.
type Bounds = (f64, f64, f64, f64);

/// Finds the left edge and middle line of each label, in order of request; none where every place is
/// taken by a mark, by an earlier label or by the edge of the picture.
pub(crate) fn place_labels(requests: &[LabelRequest], width: f64, height: f64) -> Vec<Option<(f64, f64)>> {
    let marks: Vec<Bounds> = requests
        .iter()
        .map(|request| {
            let ((x, y), r) = (request.at, request.radius);
            (x - r, y - r, x + r, y + r)
        })
        .collect();
    let mut taken: Vec<Bounds> = Vec::new();
    let mut found = Vec::with_capacity(requests.len());
    for (own, request) in requests.iter().enumerate() {
        let place = candidates(request).into_iter().find(|&(x, y)| {
            let half = request.height / 2.0;
            let label = (x, y - half, x + request.width, y + half);
            let inside = label.0 >= 0.0 && label.1 >= 0.0 && label.2 <= width && label.3 <= height;
            inside
                && !taken.iter().any(|other| overlap(&label, other))
                && !marks.iter().enumerate().any(|(index, mark)| index != own && overlap(&label, mark))
        });
        if let Some((x, y)) = place {
            let half = request.height / 2.0;
            taken.push((x, y - half, x + request.width, y + half));
        }
        found.push(place);
    }
    found
}

/// Right, left, below, above, then the corners.
fn candidates(request: &LabelRequest) -> [(f64, f64); 8] {
    let ((x, y), gap) = (request.at, request.radius + 3.0);
    let right = x + gap;
    let left = x - gap - request.width;
    let centre = x - request.width / 2.0;
    let below = y + gap + request.height / 2.0;
    let above = y - gap - request.height / 2.0;
    [
        (right, y),
        (left, y),
        (centre, below),
        (centre, above),
        (right, below),
        (right, above),
        (left, below),
        (left, above),
    ]
}

fn overlap(a: &Bounds, b: &Bounds) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_labels_never_overlap(
            points in prop::collection::vec((0.0_f64..300.0, 0.0_f64..200.0, 5.0_f64..90.0), 0..40)
        ) {
            let requests: Vec<LabelRequest> = points
                .iter()
                .map(|&(x, y, width)| LabelRequest { at: (x, y), radius: 4.0, width, height: 12.0 })
                .collect();
            let placed: Vec<Bounds> = place_labels(&requests, 300.0, 200.0)
                .into_iter()
                .zip(&requests)
                .filter_map(|(place, request)| place.map(|(x, y)| (x, y - 6.0, x + request.width, y + 6.0)))
                .collect();
            for (index, a) in placed.iter().enumerate() {
                prop_assert!(a.0 >= 0.0 && a.2 <= 300.0);
                prop_assert!(placed[index + 1..].iter().all(|b| !overlap(a, b)));
            }
        }
    }
}
