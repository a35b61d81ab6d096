//! Compression and archives, recognised by their first bytes.
//!
//! # Source
//! RFC 1952 (gzip), the .xz file format 1.2.0, PKWARE APPNOTE (zip), POSIX ustar.

use std::io::{self, BufRead, Read};

const GZIP: &[u8] = &[0x1f, 0x8b];
const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0x00];
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const USTAR: &[u8] = b"ustar";
const USTAR_OFFSET: usize = 257;

/// How a stream is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not wrapped.
    Plain,
    /// RFC 1952, one or more members.
    Gzip,
    /// The .xz format, one or more streams.
    Xz,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
}

/// Looks at the first bytes without taking them.
///
/// A tar is recognised only when the reader's buffer shows its first header whole, which any buffer
/// of 512 bytes or more on a regular file does.
pub(crate) fn sniff(reader: &mut (impl BufRead + ?Sized)) -> io::Result<Kind> {
    let start = reader.fill_buf()?;
    Ok(if start.starts_with(GZIP) {
        Kind::Gzip
    } else if start.starts_with(XZ) {
        Kind::Xz
    } else if ZIP.iter().any(|magic| start.starts_with(magic)) {
        Kind::Zip
    } else if start.get(USTAR_OFFSET..USTAR_OFFSET + USTAR.len()) == Some(USTAR) {
        Kind::Tar
    } else {
        Kind::Plain
    })
}

/// Unwraps one layer of compression; other kinds pass as they are.
pub(crate) fn decompress<'a>(kind: Kind, reader: &'a mut dyn BufRead) -> Box<dyn Read + 'a> {
    match kind {
        Kind::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
        Kind::Xz => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(reader)),
        Kind::Plain | Kind::Zip | Kind::Tar => Box::new(reader),
    }
}

/// Whether a file of a folder may be an archive, by its name.
pub(crate) fn is_archive_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".tar", ".tar.gz", ".tar.xz", ".tgz", ".txz", ".zip"].iter().any(|suffix| name.ends_with(suffix))
}

/// The name before `.gz` or `.xz`.
pub(crate) fn without_compression_suffix(name: &str) -> &str {
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".xz")).unwrap_or(name)
}
