use super::*;

/// A piece with its line and entry, or a reason with its line.
type Found = Result<(String, u64, u64), (String, u64)>;

fn pieces(text: &str, name: &str) -> Vec<Found> {
    let mut reader = text.as_bytes();
    let mut framer = Framer::new(&mut reader, name, 200);
    let mut out = Vec::new();
    let mut found = Vec::new();
    loop {
        out.clear();
        match framer.next_piece(&mut out) {
            None => return found,
            Some(Ok(place)) => {
                found.push(Ok((String::from_utf8(out.clone()).unwrap(), place.line, place.entry)));
            }
            Some(Err(error)) => found.push(Err((error.reason.into_owned(), error.place.line))),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside faults")]
fn piece(text: &str, line: u64, entry: u64) -> Found {
    Ok((text.to_owned(), line, entry))
}

#[test]
fn regress_a_bundle_is_cut_into_entries() {
    let text = "{\"resourceType\": \"Bundle\",\n \"entry\": [\n  {\"a\": \"}]\\\"\"},\n  {\"b\": [1, {}]}\n ], \"total\": 2}\n";
    assert_eq!(pieces(text, "a.json"), [piece("{\"a\": \"}]\\\"\"}", 3, 1), piece("{\"b\": [1, {}]}", 4, 2)]);
}

#[test]
fn regress_other_documents_are_whole_also_with_an_entry() {
    let list = r#"{"resourceType":"List","entry":[{"item":1}]}"#;
    assert_eq!(pieces(list, "a.json"), [piece(list, 1, 0)]);
    let late = r#"{"entry":[{"a":1}],"resourceType":"Bundle"}"#;
    assert_eq!(pieces(late, "a.json"), [piece(late, 1, 0)]);
}

#[test]
fn regress_lines_are_found_without_a_telling_name() {
    let text = "{\"a\":1}\n{\"a\":\n\n{\"a\":3} x\n{\"a\":4}";
    let found = pieces(text, "a.json");
    assert_eq!(found[0], piece("{\"a\":1}", 1, 0));
    assert!(matches!(&found[1], Err((reason, 2)) if reason.contains("line ends")));
    assert_eq!(found[2], piece("{\"a\":3}", 4, 0));
    assert!(matches!(&found[3], Err((reason, 4)) if reason.contains("more after the document")));
    assert_eq!(found[4], piece("{\"a\":4}", 5, 0));
}

#[test]
fn regress_faults_are_named_with_their_line() {
    let reason = |text: &str| match pieces(text, "a.json").pop() {
        Some(Err((reason, _))) => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason("<Patient/>").contains("XML"));
    assert!(reason("[{}]").contains("array"));
    assert!(reason("\u{feff}nonsense").contains("no JSON object"));
    assert!(reason("{\"a\": 1").contains("file ends within"));
    assert!(reason("{\"resourceType\":\"Bundle\",\"type\":,\"entry\":[]}").contains("own members"));
    assert!(reason("{\"resourceType\":\"Bundle\",\"entry\":[{} x]}").contains("expected `,` or `]`"));
    assert!(reason("{\"resourceType\":\"Bundle\",\"entry\":[7]}").contains("no object"));
}

#[test]
fn regress_too_large_pieces_are_passed_over() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(300));
    let bundle = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{large},{{\"b\":1}}]}}");
    let found = pieces(&bundle, "a.json");
    assert!(matches!(&found[0], Err((reason, 1)) if reason.contains("more than 200 bytes")), "{found:?}");
    assert_eq!(found[1], piece("{\"b\":1}", 1, 2));
    let lines = format!("{large}\n{{\"b\":1}}\n");
    let found = pieces(&lines, "a.ndjson");
    assert!(matches!(&found[0], Err((reason, 1)) if reason.contains("more than 200 bytes")), "{found:?}");
    assert_eq!(found[1], piece("{\"b\":1}", 2, 0));
    let unended = &pieces(&large[..large.len() - 2], "a.ndjson")[0];
    assert!(matches!(unended, Err((reason, 1)) if reason.contains("more than 200 bytes")), "{unended:?}");
}

/// Gives its bytes in pieces of one size.
struct Trickle<'t>(&'t [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn law_how_the_bytes_arrive_does_not_matter() {
    // Larger than the window, so that strings, escapes and numbers fall on its edges.
    let entry = r#"{"text":"a\\\"{[é","n":[1.5e3,{"x":null}]}"#;
    let entries = vec![entry; 3 * WINDOW / entry.len()].join(",\n");
    let text = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{entries}]}}");
    for step in [7, 4096, usize::MAX] {
        let mut reader = Trickle(text.as_bytes(), step);
        let mut framer = Framer::new(&mut reader, "a.json", 1 << 20);
        let (mut out, mut count) = (Vec::new(), 0);
        while let Some(found) = framer.next_piece(&mut out) {
            count += 1;
            assert_eq!((found.unwrap().entry, out.as_slice()), (count, entry.as_bytes()));
            out.clear();
        }
        assert_eq!(count as usize, 3 * WINDOW / entry.len());
    }
}
