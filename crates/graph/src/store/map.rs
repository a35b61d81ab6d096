//! The file of a graph as memory; the only unsafe code of the workspace.

use std::fs::File;
use std::io;
use std::path::Path;

/// A file mapped for reading.
pub(crate) struct Map(memmap2::Mmap);

impl Map {
    /// Maps a file.
    ///
    /// # Limits
    /// The file must not be changed in place while it is mapped. Twinloom never does: a graph is written
    /// beside and then renamed, so that a mapped file stays what it was even when another takes its name.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        #[expect(
            unsafe_code,
            reason = "reading through a map is sound while nobody writes into the file, which the rename in \
                      PropertyGraph::write ensures for our own; what others write is checked, never trusted"
        )]
        // SAFETY: the map is private to this type and only read; see Limits for who may write the file.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Self(map))
    }

    /// The whole file.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
