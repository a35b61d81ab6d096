//! How people of one age and sex differ.

use crate::distribution::standard_normal;
use crate::stream::Stream;

/// A person's standing differences from others of their age and sex, as standard normal scores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Traits {
    pub(super) height: f64,
    pub(super) body_mass: f64,
    pub(super) systolic: f64,
    pub(super) diastolic: f64,
    pub(super) glucose: f64,
    pub(super) kidney: f64,
    pub(super) cholesterol: f64,
    pub(super) lung: f64,
    pub(super) airway: f64,
    pub(super) hdl: f64,
    pub(super) triglycerides: f64,
    pub(super) haemoglobin: f64,
    pub(super) potassium: f64,
    pub(super) sodium: f64,
    pub(super) albuminuria: f64,
    pub(super) thyroid: f64,
    pub(super) liver: f64,
    pub(super) inflammation: f64,
    pub(super) prostate: f64,
    pub(super) iron: f64,
    pub(super) cobalamin: f64,
    pub(super) white_cells: f64,
    pub(super) heart_rate: f64,
    pub(super) natriuretic: f64,
}

impl Traits {
    /// Draws the scores, always in the same order and number; new ones go last.
    pub(crate) fn draw(stream: &mut Stream) -> Self {
        let mut score = || standard_normal(stream);
        let systolic = score();
        // Correlation 0.6 between the two pressures.
        let diastolic = 0.6 * systolic + 0.8 * score();
        let (height, body_mass, glucose, kidney) = (score(), score(), score(), score());
        let (cholesterol, lung, airway) = (score(), score(), score());
        let hdl = score();
        // Correlation -0.4 between HDL cholesterol and triglycerides.
        let triglycerides = -0.4 * hdl + 0.917 * score();
        Self {
            height,
            body_mass,
            systolic,
            diastolic,
            glucose,
            kidney,
            cholesterol,
            lung,
            airway,
            hdl,
            triglycerides,
            haemoglobin: score(),
            potassium: score(),
            sodium: score(),
            albuminuria: score(),
            thyroid: score(),
            liver: score(),
            inflammation: score(),
            prostate: score(),
            iron: score(),
            cobalamin: score(),
            white_cells: score(),
            heart_rate: score(),
            natriuretic: score(),
        }
    }
}
