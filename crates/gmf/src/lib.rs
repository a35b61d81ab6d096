//! Synthea's Generic Module Framework, complete, with the Java engine's weekly clock.
