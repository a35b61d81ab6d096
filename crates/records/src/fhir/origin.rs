//! Where in the input something came from, and how that is told.

use std::sync::Arc;

use super::frame::Place;
use crate::Location;

/// Where an outcome came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) file: u32,
    pub(crate) place: Place,
    pub(crate) ordinal: u64,
}

/// The entry of a Bundle, the line of an NDJSON file, or both; else the line of the document.
pub(crate) fn location(files: &[Arc<str>], file: u32, place: Place) -> Location {
    let name = files.get(file as usize).map_or("", |name| name);
    match (place.by_line, place.entry) {
        (_, 0) => Location { file: name.to_owned(), position: place.line },
        (true, entry) => Location { file: format!("{name}:{}", place.line), position: entry },
        (false, entry) => Location { file: name.to_owned(), position: entry },
    }
}

/// A place in bytes and lines, for what could not even be cut into resources.
pub(crate) fn exact_location(files: &[Arc<str>], origin: Origin) -> Location {
    let name = files.get(origin.file as usize).map_or("", |name| name);
    if origin.place.line == 0 {
        return Location { file: name.to_owned(), position: 0 };
    }
    let entry = match origin.place.entry {
        0 => String::new(),
        entry => format!(" entry {entry}"),
    };
    Location { file: format!("{name}{entry} byte {}", origin.place.offset + 1), position: origin.place.line }
}
