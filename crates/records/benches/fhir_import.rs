//! Bytes of JSON imported each second, with one parsing thread, on Synthea's records.
//!
//! The archive is decompressed first, since xz is slower than the import; the sink only counts. Three
//! sizes: a twelfth, a third and all of the sample's bundles.

use std::fs::File;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twinloom_event::{Concept, Entity, Event, Link, SubjectId};
use twinloom_records::{Sink, SinkError, fhir};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/synthea_r4_us/dev.tar.xz");

#[derive(Default)]
struct Counter {
    events: u64,
    others: u64,
}

impl Sink for Counter {
    fn subject(&mut self, _: SubjectId, _: &str) -> Result<(), SinkError> {
        self.others += 1;
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), SinkError> {
        std::hint::black_box(event);
        self.events += 1;
        Ok(())
    }

    fn link(&mut self, link: Link) -> Result<(), SinkError> {
        std::hint::black_box(link);
        self.others += 1;
        Ok(())
    }

    fn entity(&mut self, _: Entity) -> Result<(), SinkError> {
        self.others += 1;
        Ok(())
    }

    fn concept(&mut self, _: Concept) -> Result<(), SinkError> {
        self.others += 1;
        Ok(())
    }
}

fn unpack(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    tar::Archive::new(liblzma::read::XzDecoder::new(File::open(SAMPLE)?)).unpack(folder)?;
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

fn import(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let Ok(paths) = unpack(folder.path()) else {
        eprintln!("skipped: {SAMPLE} is not there");
        return;
    };
    let options = fhir::ImportOptions { threads: 1, ..fhir::ImportOptions::default() };
    let mut group = criterion.benchmark_group("fhir_import");
    group.sample_size(10);
    for share in [12, 3, 1] {
        let paths = &paths[..paths.len() / share];
        let bytes = paths.iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum();
        group.throughput(Throughput::Bytes(bytes));
        group.bench_with_input(BenchmarkId::from_parameter(paths.len()), paths, |bencher, paths| {
            bencher.iter(|| {
                let mut sink = Counter::default();
                fhir::import(paths, &options, &mut sink, &|_| {}).expect("the sample is readable");
                sink.events
            });
        });
    }
    group.finish();
}

criterion_group!(benches, import);
criterion_main!(benches);
