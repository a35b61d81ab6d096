//! Cuts a stream of JSON into resources without holding more than one of them.
//!
//! A Bundle is cut into its entries as they pass, so that its size does not matter; any other
//! document is one piece. Three shapes of file are read: one document, documents one after the other,
//! and NDJSON, where a fault ends with its line. Only braces, brackets and strings are looked at here;
//! what stands between them is checked when the piece is parsed.
//!
//! # Limits
//! A Bundle whose `resourceType` comes after its `entry` can't be told in time and counts as one
//! piece. A piece over the limit is passed over and named.

use std::borrow::Cow;
use std::io::Read;

use serde::de::IgnoredAny;

use super::scan::{Scan, Verdict};

const WINDOW: usize = 1 << 18;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where a piece began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Line in the file, from 1.
    pub(crate) line: u64,
    /// Bytes before it in the file.
    pub(crate) offset: u64,
    /// Entry of the Bundle, from 1; 0 for a document of its own.
    pub(crate) entry: u64,
    /// Whether lines are documents.
    pub(crate) by_line: bool,
}

/// Why a piece, a line or the rest of a file can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrameError {
    /// In words, without data.
    pub(crate) reason: Cow<'static, str>,
    /// Where.
    pub(crate) place: Place,
}

type Step<T> = Result<T, Fault>;

/// A fault, and what it costs.
enum Fault {
    Syntax(Cow<'static, str>),
    Read(String),
    EndOfLine,
    EndOfFile,
}

/// Cuts one file.
pub(crate) struct Framer<'r> {
    source: &'r mut dyn Read,
    window: Vec<u8>,
    next: usize,
    filled: usize,
    counted: usize,
    line: u64,
    offset: u64,
    by_line: bool,
    max_bytes: usize,
    state: State,
    piece: Place,
    overflowed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// Before a document.
    Outside,
    /// In a Bundle's `entry`, after `entries` of them.
    Entries {
        entries: u64,
    },
    /// After a document of a file whose lines are documents.
    AfterDocument,
    Done,
}

impl<'r> Framer<'r> {
    /// Starts on a file; `name` ending in `.ndjson` or `.jsonl` says that lines are documents, else the
    /// first lines say.
    pub(crate) fn new(source: &'r mut dyn Read, name: &str, max_bytes: usize) -> Self {
        Self {
            source,
            window: vec![0; WINDOW],
            next: 0,
            filled: 0,
            counted: 0,
            line: 1,
            offset: 0,
            by_line: [".ndjson", ".jsonl"].iter().any(|suffix| name.to_ascii_lowercase().ends_with(suffix)),
            max_bytes,
            state: State::Start,
            piece: Place::default(),
            overflowed: false,
        }
    }

    /// Bytes taken from the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.offset + self.filled as u64
    }

    /// Appends the next piece to `out` and says where it began.
    pub(crate) fn next_piece(&mut self, out: &mut Vec<u8>) -> Option<Result<Place, FrameError>> {
        let before = out.len();
        loop {
            let step = match self.state {
                State::Done => return None,
                State::Start => self.start().map(|()| None),
                State::Outside => self.document(out, before),
                State::Entries { entries } => self.entry(out, before, entries),
                State::AfterDocument => self.after_document().map(|()| None),
            };
            match step {
                Ok(Some(place)) => return Some(Ok(place)),
                Ok(None) if self.overflowed => {
                    self.overflowed = false;
                    out.truncate(before);
                    return Some(Err(FrameError { reason: self.too_large(), place: self.piece }));
                }
                Ok(None) => {}
                Err(fault) => {
                    out.truncate(before);
                    let overflowed = std::mem::take(&mut self.overflowed);
                    return Some(Err(self.recover(fault, overflowed)));
                }
            }
        }
    }

    /// Says what went wrong and finds the next line, where lines are documents.
    fn recover(&mut self, fault: Fault, overflowed: bool) -> FrameError {
        let here = self.here();
        let (reason, place): (Cow<'static, str>, Place) = match fault {
            Fault::Read(reason) => {
                self.state = State::Done;
                return FrameError { reason: reason.into(), place: here };
            }
            Fault::EndOfFile | Fault::EndOfLine if overflowed => (self.too_large(), self.piece),
            Fault::EndOfFile => {
                self.state = State::Done;
                let reason = "invalid JSON: the file ends within a document".into();
                return FrameError { reason, place: self.piece };
            }
            Fault::EndOfLine => ("invalid JSON: the line ends within a document".into(), self.piece),
            Fault::Syntax(reason) => (reason, Place { entry: self.piece.entry, ..here }),
        };
        if !self.by_line {
            self.state = State::Done;
            let reason = format!("{reason}; the rest of the file is passed over").into();
            return FrameError { reason, place };
        }
        self.state = State::Outside;
        if let Err(Fault::Read(reason)) = self.skip_line() {
            self.state = State::Done;
            return FrameError { reason: reason.into(), place };
        }
        FrameError { reason, place }
    }

    fn too_large(&self) -> Cow<'static, str> {
        let limit = self.max_bytes;
        format!("a resource of more than {limit} bytes; permitted: up to that limit (max_document_bytes)")
            .into()
    }

    fn start(&mut self) -> Step<()> {
        self.state = State::Outside;
        while self.filled < self.window.len() {
            let count = self.read(self.filled)?;
            if count == 0 {
                break;
            }
            self.filled += count;
        }
        let bytes = &self.window[..self.filled];
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(Fault::Syntax("the file is UTF-16; permitted: UTF-8".into()));
        }
        if bytes.starts_with(BYTE_ORDER_MARK) {
            self.next = BYTE_ORDER_MARK.len();
        }
        self.by_line = lines_are_documents(&self.window[self.next..self.filled], self.by_line);
        Ok(())
    }

    /// Reads a document up to its end, or up to the first entry of a Bundle.
    fn document(&mut self, out: &mut Vec<u8>, before: usize) -> Step<Option<Place>> {
        loop {
            match self.peek()? {
                None => {
                    self.state = State::Done;
                    return Ok(None);
                }
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.next += 1,
                Some(_) => break,
            }
        }
        self.piece = self.here();
        match self.peek()? {
            Some(b'{') => self.take(out, before)?,
            Some(b'<') => return Err(Fault::Syntax("XML found; permitted: JSON".into())),
            Some(b'[') => {
                return Err(Fault::Syntax(
                    "a JSON array found; permitted: a resource, a Bundle, or one of them a line".into(),
                ));
            }
            _ => return Err(Fault::Syntax("no JSON object found; permitted: a resource or a Bundle".into())),
        }
        self.members(out, before, None)
    }

    /// Reads members of a document's outermost object. `bundle` says whether it is known to be a
    /// Bundle, and that its entries have passed.
    fn members(&mut self, out: &mut Vec<u8>, before: usize, mut bundle: Option<bool>) -> Step<Option<Place>> {
        let resumed = bundle.is_some();
        let mut first = !resumed;
        loop {
            let byte = self.skip_blank(out, before)?;
            if byte == b'}' {
                self.take(out, before)?;
                return Ok(self.end_document(resumed));
            }
            if !first {
                if byte != b',' {
                    return Err(Fault::Syntax("invalid JSON: expected `,` or `}`".into()));
                }
                self.take(out, before)?;
                self.skip_blank(out, before)?;
            }
            first = false;
            let name = self.string(out, before)?;
            if self.skip_blank(out, before)? != b':' {
                return Err(Fault::Syntax("invalid JSON: expected `:`".into()));
            }
            self.take(out, before)?;
            let byte = self.skip_blank(out, before)?;
            let is_entry = !self.overflowed && out.get(name.0..name.1) == Some(br#""entry""#);
            if is_entry && bundle == Some(true) && byte == b'[' {
                self.next += 1;
                out.truncate(before);
                self.state = State::Entries { entries: 0 };
                return Ok(None);
            }
            let is_type = !self.overflowed && out.get(name.0..name.1) == Some(br#""resourceType""#);
            let value = out.len();
            self.value(out, before)?;
            if self.overflowed {
                continue;
            }
            if is_type && bundle.is_none() {
                bundle = Some(&out[value..] == br#""Bundle""#);
            }
            if bundle == Some(true) {
                check(&out[value..])?;
            }
            if resumed {
                out.truncate(before);
            }
        }
    }

    fn end_document(&mut self, resumed: bool) -> Option<Place> {
        self.state = if self.by_line { State::AfterDocument } else { State::Outside };
        (!resumed && !self.overflowed).then_some(self.piece)
    }

    /// Reads one entry of a Bundle, or its remaining members.
    fn entry(&mut self, out: &mut Vec<u8>, before: usize, entries: u64) -> Step<Option<Place>> {
        let mut byte = self.skip_blank(out, before)?;
        if byte == b',' && entries > 0 {
            self.next += 1;
            byte = self.skip_blank(out, before)?;
        } else if entries > 0 && byte != b']' {
            return Err(Fault::Syntax("invalid JSON: expected `,` or `]` after an entry".into()));
        }
        out.truncate(before);
        match byte {
            b']' => {
                self.next += 1;
                self.members(out, before, Some(true))
            }
            b'{' => {
                self.piece = Place { entry: entries + 1, ..self.here() };
                self.state = State::Entries { entries: entries + 1 };
                self.value(out, before)?;
                Ok((!self.overflowed).then_some(self.piece))
            }
            _ => Err(Fault::Syntax("invalid JSON: a Bundle's entry is no object".into())),
        }
    }

    fn after_document(&mut self) -> Step<()> {
        loop {
            match self.peek()? {
                None | Some(b'\n') => {
                    self.state = State::Outside;
                    return Ok(());
                }
                Some(b' ' | b'\t' | b'\r') => self.next += 1,
                Some(_) => {
                    self.piece = self.here();
                    return Err(Fault::Syntax(
                        "more after the document on its line; permitted: one a line".into(),
                    ));
                }
            }
        }
    }

    /// Takes one value of any sort.
    fn value(&mut self, out: &mut Vec<u8>, before: usize) -> Step<()> {
        match self.peek()? {
            Some(b'"') => self.string(out, before).map(drop),
            Some(b'{' | b'[') => self.nested(out, before),
            _ => loop {
                match self.peek()?.ok_or(Fault::EndOfFile)? {
                    b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' => return Ok(()),
                    _ => self.take(out, before)?,
                }
            },
        }
    }

    /// Takes a string with its quotes; returns where it lies in `out`.
    fn string(&mut self, out: &mut Vec<u8>, before: usize) -> Step<(usize, usize)> {
        let start = out.len();
        if self.peek()? != Some(b'"') {
            return Err(Fault::Syntax("invalid JSON: expected a member's name".into()));
        }
        self.take(out, before)?;
        let mut scan = Scan::within_string();
        self.scan(&mut scan, out, before)?;
        Ok((start, out.len()))
    }

    fn nested(&mut self, out: &mut Vec<u8>, before: usize) -> Step<()> {
        self.take(out, before)?;
        let mut scan = Scan::within_nesting();
        self.scan(&mut scan, out, before)
    }

    fn scan(&mut self, scan: &mut Scan, out: &mut Vec<u8>, before: usize) -> Step<()> {
        loop {
            if self.peek()?.is_none() {
                return Err(Fault::EndOfFile);
            }
            let chunk = &self.window[self.next..self.filled];
            let (taken, verdict) = scan.run(chunk, self.by_line);
            self.record(taken, out, before);
            match verdict {
                Verdict::Closed => return Ok(()),
                Verdict::Line => return Err(Fault::EndOfLine),
                Verdict::More => {}
            }
        }
    }

    fn skip_blank(&mut self, out: &mut Vec<u8>, before: usize) -> Step<u8> {
        loop {
            match self.peek()?.ok_or(Fault::EndOfFile)? {
                b'\n' if self.by_line => return Err(Fault::EndOfLine),
                b' ' | b'\t' | b'\r' | b'\n' => self.take(out, before)?,
                byte => return Ok(byte),
            }
        }
    }

    fn take(&mut self, out: &mut Vec<u8>, before: usize) -> Step<()> {
        self.peek()?.ok_or(Fault::EndOfFile)?;
        self.record(1, out, before);
        Ok(())
    }

    /// Moves bytes to the piece, or only past them once it is too large.
    fn record(&mut self, count: usize, out: &mut Vec<u8>, before: usize) {
        if !self.overflowed {
            if out.len() - before + count > self.max_bytes {
                self.overflowed = true;
                out.truncate(before);
            } else {
                out.extend_from_slice(&self.window[self.next..self.next + count]);
            }
        }
        self.next += count;
    }

    fn skip_line(&mut self) -> Step<()> {
        while self.peek()?.is_some() {
            match memchr::memchr(b'\n', &self.window[self.next..self.filled]) {
                Some(at) => {
                    self.next += at;
                    return Ok(());
                }
                None => self.next = self.filled,
            }
        }
        Ok(())
    }

    fn peek(&mut self) -> Step<Option<u8>> {
        if self.next == self.filled {
            self.count_lines();
            self.offset += self.filled as u64;
            (self.next, self.filled, self.counted) = (0, 0, 0);
            self.filled = self.read(0)?;
        }
        Ok(self.window[..self.filled].get(self.next).copied())
    }

    fn read(&mut self, from: usize) -> Step<usize> {
        loop {
            match self.source.read(&mut self.window[from..]) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Read(crate::input::unreadable(&error))),
            }
        }
    }

    fn here(&mut self) -> Place {
        self.count_lines();
        Place { line: self.line, offset: self.offset + self.next as u64, entry: 0, by_line: self.by_line }
    }

    fn count_lines(&mut self) {
        self.line += memchr::memchr_iter(b'\n', &self.window[self.counted..self.next]).count() as u64;
        self.counted = self.next;
    }
}

/// A value of a Bundle's own must be JSON even though only its entries are used.
fn check(value: &[u8]) -> Step<()> {
    match std::str::from_utf8(value).map(serde_json::from_str::<IgnoredAny>) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) => Err(Fault::Syntax("invalid JSON in a Bundle's own members".into())),
        Err(_) => Err(Fault::Syntax("not UTF-8 in a Bundle's own members".into())),
    }
}

/// Judges by the first line: a whole object followed by another or by nothing means lines. A name
/// that says lines is believed unless the first line only opens an object.
fn lines_are_documents(start: &[u8], named_so: bool) -> bool {
    let Some(end) = memchr::memchr(b'\n', start) else {
        return named_so;
    };
    let line = start[..end].trim_ascii();
    if named_so {
        return line != b"{";
    }
    let mut scan = Scan::before_nesting();
    let whole = line.first() == Some(&b'{')
        && matches!(scan.run(line, false), (taken, Verdict::Closed) if taken == line.len());
    let next = start[end..].trim_ascii_start().first();
    whole && matches!(next, None | Some(b'{'))
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
