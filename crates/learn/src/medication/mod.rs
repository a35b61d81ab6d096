//! Recommending the classes of drugs of an admission, with few of them interacting.
//!
//! [`recommend`] learns from the diagnoses and procedures of an admission, and from the drugs of earlier ones,
//! which classes of drugs are given, by patients that no fit saw. Networks are trained with SafeDrug's loss,
//! [`SafeDrugLoss`], beside logistic regression, the records most alike and the classes given most.
//!
//! # Source
//! Shang et al., GAMENet: Graph Augmented Memory Networks for Recommending Medication Combination (AAAI 2019);
//! Yang et al., SafeDrug: Dual Molecular Graph Encoders for Recommending Effective and Safe Drug Combinations (IJCAI
//! 2021). Both from memory and from the authors' programs.
//!
//! # Limits
//! SafeDrug's two encoders read molecules, which need structures that the data here lack; they are left out, and
//! the drugs are told by GAMENet's two graphs. Diagnoses are coded at discharge, and all drugs of the stay count,
//! as in both papers: this is what was given to such a patient, not what could be advised at the door.

mod admissions;
mod baselines;
mod loss;
mod network;
mod recommending;
#[cfg(test)]
mod tests;

pub use admissions::{Admission, Admissions, MedicationError};
pub use loss::SafeDrugLoss;
pub use recommending::{MedicationModel, MedicationParameters, RecommendedSet, recommend};
