//! The events of Synthea's modules as a study: columns of numbers from the interpreter into Parquet.
//!
//! `events/` is a MEDS dataset like that of every study, one row an event, subjects in order. Beside the
//! standard's columns (subject_id, time, code, numeric_value, text_value) stand kind, unit, encounter_id,
//! end_time and source, and those below. A code names its system before the `//`, as everywhere.

use std::path::Path;

use anyhow::{Context as _, Result};
use twinloom_gmf::{Columns, Library, Parameters, Sparse, Summary, Wording, simulate_columns};
use twinloom_records::meds::columnar::{
    Cells, EncodedGroup, EventColumns, EventLayout, FurtherColumn, FurtherType, GroupEncoder, Texts, Words,
};
use twinloom_records::meds::{DatasetMetadata, MedsError};
use twinloom_records::study::ColumnarStudyWriter;
use twinloom_views::SplitPlan;

use crate::command::import::Written;
use crate::command::twin::gmf::refused_run;
use crate::context::Context;
use crate::progress;

/// Columns beyond those of every event, in the order of [`further`].
const FURTHER: [FurtherColumn; 12] = [
    // Of an observation, condition or allergy, as its state says.
    word("category"),
    // Which module and which of its states made the event: `module//State`.
    word("module_state"),
    // Of an encounter: HL7's ActCode, the framework's word, where it led.
    word("class"),
    word("service"),
    word("discharge"),
    // Why an encounter, medicine, procedure or plan came about: a code.
    word("reason"),
    // Of a death.
    word("cause"),
    // Of an allergy: codes, with a space between.
    word("reactions"),
    // Of an imaging study.
    word("modality"),
    word("body_site"),
    FurtherColumn { name: "images", holds: FurtherType::Integer },
    // Of a medicine that was given at once.
    FurtherColumn { name: "administration", holds: FurtherType::Flag },
];

const fn word(name: &'static str) -> FurtherColumn {
    FurtherColumn { name, holds: FurtherType::Word }
}

/// Simulates, and writes every event into the study's folder.
pub(super) fn write(
    context: &Context,
    library: &Library,
    parameters: &Parameters,
    folder: &Path,
) -> Result<(Summary, Written)> {
    let wrong = || format!("the study {} can't be written", folder.display());
    let wording = Wording::new(library);
    let layout = EventLayout::new(&FURTHER)?;
    // The time of making would differ between equal runs; MEDS lets it be absent.
    let metadata = DatasetMetadata { created_at: None, ..DatasetMetadata::new("gmf", "") };
    let mut writer = ColumnarStudyWriter::create(folder, metadata, &layout).with_context(wrong)?;
    let bar = progress::bar(&context.common, "living", Some(parameters.population));
    let encoder = || {
        let (mut encoder, wording) = (GroupEncoder::new(&layout), &wording);
        move |columns: &Columns| encode(&mut encoder, columns, wording)
    };
    let summary = simulate_columns(library, &wording, parameters, encoder, |group| -> Result<()> {
        bar.inc(group.living());
        writer.append(group.encoded?).with_context(wrong)?;
        Ok(())
    })
    .map_err(refused_run)?;
    bar.finish_and_clear();
    let plan = SplitPlan::new(context.common.seed);
    let written = writer
        .finish(&|key| wording.word(key), library.concepts(), &|subject| plan.of(subject))
        .with_context(wrong)?;
    Ok((summary, Written::from(&written)))
}

fn encode(
    encoder: &mut GroupEncoder,
    columns: &Columns,
    wording: &Wording,
) -> Result<EncodedGroup, MedsError> {
    let (word, encounter) = (|key| wording.word(key), |key| columns.encounter(key));
    let words = |keys| Words { keys, texts: &word };
    encoder.encode(&EventColumns {
        subject_id: &columns.subject_id,
        time: &columns.time,
        code: words(&columns.code),
        numeric_value: &columns.numeric_value,
        text_value: words(&columns.text_value),
        kind: words(&columns.kind),
        unit: words(&columns.unit),
        encounter_id: Words { keys: &columns.encounter, texts: &encounter },
        end_time: &columns.end_time,
        source: "gmf",
        further: &further(columns, &word),
    })
}

fn further<'a>(columns: &'a Columns, texts: Texts<'a>) -> [Cells<'a>; FURTHER.len()] {
    let dense = |keys: &'a [u32]| Cells::Words(Words { keys, texts });
    let sparse =
        |of: &'a Sparse<u32>| Cells::SparseWords { rows: &of.rows, words: Words { keys: &of.values, texts } };
    [
        dense(&columns.category),
        dense(&columns.state),
        sparse(&columns.class),
        sparse(&columns.service),
        sparse(&columns.discharge),
        sparse(&columns.reason),
        sparse(&columns.cause),
        sparse(&columns.reactions),
        sparse(&columns.modality),
        sparse(&columns.body_site),
        Cells::SparseIntegers { rows: &columns.images.rows, values: &columns.images.values },
        Cells::SparseFlags { rows: &columns.administration.rows },
    ]
}
