//! Utility, calibration and discrimination of predictions, with intervals; never sees a model's inside.
