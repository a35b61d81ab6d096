//! Follows strings, braces and brackets through chunks of JSON, to find where a value ends.

/// Where in a value the bytes are.
pub(super) struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// How a chunk ended.
pub(super) enum Verdict {
    /// The value has ended with the last byte taken.
    Closed,
    /// A line ended inside the value.
    Line,
    /// The chunk ended inside the value.
    More,
}

impl Scan {
    /// After a string's opening quote.
    pub(super) const fn within_string() -> Self {
        Self { depth: 0, in_string: true, escaped: false }
    }

    /// After an opening brace or bracket.
    pub(super) const fn within_nesting() -> Self {
        Self { depth: 1, in_string: false, escaped: false }
    }

    /// Before an opening brace or bracket.
    pub(super) const fn before_nesting() -> Self {
        Self { depth: 0, in_string: false, escaped: false }
    }

    /// Takes bytes up to the end of the value or of the chunk; says how many. With `by_line` a line's
    /// end stops it too.
    pub(super) fn run(&mut self, chunk: &[u8], by_line: bool) -> (usize, Verdict) {
        let mut at = 0;
        while at < chunk.len() {
            if self.escaped {
                self.escaped = false;
                at += 1;
                continue;
            }
            if self.in_string {
                let found = if by_line {
                    memchr::memchr3(b'"', b'\\', b'\n', &chunk[at..])
                } else {
                    memchr::memchr2(b'"', b'\\', &chunk[at..])
                };
                let Some(skip) = found else {
                    return (chunk.len(), Verdict::More);
                };
                at += skip;
                match chunk[at] {
                    b'\\' => self.escaped = true,
                    b'\n' => return (at, Verdict::Line),
                    _ => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return (at + 1, Verdict::Closed);
                        }
                    }
                }
                at += 1;
                continue;
            }
            match chunk[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (at + 1, Verdict::Closed);
                    }
                }
                b'\n' if by_line => return (at, Verdict::Line),
                _ => {}
            }
            at += 1;
        }
        (chunk.len(), Verdict::More)
    }
}
