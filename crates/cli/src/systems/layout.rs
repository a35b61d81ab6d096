//! Which column of which table holds what.

use twinloom_records::typed_table::{Column, ColumnType};
use twinloom_twin::systems::{Field, FieldType, System};

/// Columns of a system's table before those of its fields.
pub(super) const ID: usize = 0;
pub(super) const PATIENT: usize = 1;
pub(super) const KIND: usize = 2;
pub(super) const RECORDED: usize = 3;
pub(super) const FIRST_FIELD: usize = 4;

/// Columns of the ledger.
pub(super) const LEDGER: [Column; 8] = [
    Column::required("subject_id", ColumnType::Integer),
    Column::required("system", ColumnType::Word),
    Column::required("artefact", ColumnType::Integer),
    Column::required("artefact_kind", ColumnType::Word),
    Column::nullable("field", ColumnType::Word),
    Column::nullable("truth", ColumnType::Text),
    Column::nullable("recorded", ColumnType::Text),
    Column::required("kind", ColumnType::Word),
];

/// Columns of the people.
pub(super) const PEOPLE: [Column; 10] = [
    Column::required("subject_id", ColumnType::Integer),
    Column::required("nhs_number", ColumnType::Integer),
    Column::required("family_name", ColumnType::Word),
    Column::required("given_name", ColumnType::Word),
    Column::required("postcode", ColumnType::Word),
    Column::required("sex", ColumnType::Word),
    Column::required("birth", ColumnType::Time),
    Column::nullable("death", ColumnType::Time),
    Column::required("ethnicity", ColumnType::Word),
    Column::required("practice", ColumnType::Word),
];

/// Columns of the registrations.
pub(super) const REGISTRATIONS: [Column; 3] = [
    Column::required("subject_id", ColumnType::Integer),
    Column::required("system", ColumnType::Word),
    Column::required("patient", ColumnType::Integer),
];

/// A system's columns.
pub(super) fn columns(system: System) -> Vec<Column> {
    let mut columns = vec![
        Column::required("id", ColumnType::Integer),
        Column::required("patient", ColumnType::Integer),
        Column::required("kind", ColumnType::Word),
        Column::required("recorded", ColumnType::Time),
    ];
    columns
        .extend(Field::of_system(system).map(|field| Column::nullable(field.as_str(), column_type(field))));
    columns
}

const fn column_type(field: Field) -> ColumnType {
    match field.field_type() {
        FieldType::Time => ColumnType::Time,
        FieldType::Day => ColumnType::Day,
        FieldType::Number => ColumnType::Number,
        FieldType::Integer => ColumnType::Integer,
        FieldType::Flag => ColumnType::Flag,
        // Reports and letters differ from one another; all other texts are words that return.
        FieldType::Text if matches!(field, Field::FreeText) => ColumnType::Text,
        FieldType::Text => ColumnType::Word,
    }
}
