use std::io::Write;

use super::*;

fn names_and_texts(paths: &[PathBuf]) -> Vec<(String, String)> {
    let read_bytes = AtomicU64::new(0);
    let sources =
        Sources { wanted: |name| name.contains(".json"), unwanted: "not JSON", read_bytes: &read_bytes };
    let mut found = Vec::new();
    let _ = sources.visit(paths, &mut |item| {
        match item {
            Found::Member { name, reader } => {
                let mut text = String::new();
                let outcome = reader.read_to_string(&mut text);
                found.push((name.to_owned(), outcome.map_or_else(|error| unreadable(&error), |_| text)));
            }
            Found::Refused { name, reason } => found.push((name.to_owned(), format!("refused: {reason}"))),
        }
        ControlFlow::Continue(())
    });
    found
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn law_every_wrapping_gives_the_same_members() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("plain.json");
    std::fs::write(&one, "{}").unwrap();
    std::fs::write(folder.path().join("one.json.gz"), gzip(b"{}")).unwrap();
    std::fs::write(folder.path().join("two.json.xz"), xz(b"{}")).unwrap();
    let archive = tar(&[("a.json", b"{}"), ("b.json.gz", &gzip(b"{}")), ("c.txt", b"x")]);
    std::fs::write(folder.path().join("z.tar.xz"), xz(&archive)).unwrap();
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.path().join("zz.zip")).unwrap());
    zip.start_file("d.json", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"{}").unwrap();
    zip.finish().unwrap();

    let found = names_and_texts(&[folder.path().to_owned()]);
    let short: Vec<(&str, &str)> = found
        .iter()
        .map(|(name, text)| (name.strip_prefix(folder.path().to_str().unwrap()).unwrap(), text.as_str()))
        .collect();
    assert_eq!(
        short,
        [
            ("/one.json.gz", "{}"),
            ("/plain.json", "{}"),
            ("/two.json.xz", "{}"),
            ("/z.tar.xz/a.json", "{}"),
            ("/z.tar.xz/b.json.gz", "{}"),
            ("/z.tar.xz/c.txt", "refused: not JSON"),
            ("/zz.zip/d.json", "{}"),
        ]
    );
}

#[test]
fn regress_a_truncated_archive_gives_what_came_before_and_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let noise: Vec<u8> = (0..60_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut archive = xz(&tar(&[("a.json", b"{}"), ("b.json", &noise)]));
    archive.truncate(archive.len() / 2);
    let path = folder.path().join("cut.tar.xz");
    std::fs::write(&path, archive).unwrap();
    let found = names_and_texts(&[path]);
    assert_eq!(found[0].1, "{}");
    assert!(found.last().unwrap().1.contains("damaged or truncated"), "{found:?}");
}

#[test]
fn regress_an_empty_folder_and_a_false_zip_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let found = names_and_texts(&[folder.path().to_owned()]);
    assert_eq!(found[0].1, "refused: the folder holds nothing to read");
    let path = folder.path().join("x.zip");
    std::fs::write(&path, b"PK\x03\x04 and no more").unwrap();
    assert!(names_and_texts(&[path])[0].1.contains("damaged or truncated"));
}
