//! The systems that record a patient, each in its own way, and the ledger of what each got wrong.
