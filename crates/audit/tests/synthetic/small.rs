//! Small tables that Python made alike, and SUPPORT.

use std::path::PathBuf;

use twinloom_table::{
    Bounds, ColumnKind, ColumnSchema, InferParameters, Missing, Origin, Rows, Schema, Table, infer,
};

/// A congruential generator that both languages compute exactly.
struct Congruence(u64);

impl Congruence {
    fn next(&mut self) -> f64 {
        self.0 = (self.0 * 1_103_515_245 + 12_345) % (1 << 31);
        self.0 as f64 / f64::from(1_u32 << 31)
    }
}

fn rounded(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// Rows of age, blood pressure, length of stay, sex, ward and event; `shift` makes them differ.
pub fn table(rows: usize, seed: u64, shift: f64) -> Table {
    let mut random = Congruence(seed);
    let cells = (0..rows).map(|_| {
        let [u, v, w, z, m] = [0; 5].map(|_| random.next());
        let age = rounded(40.0 + 40.0 * u + shift, 1);
        let pressure = rounded(90.0 + 0.6 * age.parse::<f64>().unwrap() + 30.0 * v, 1);
        let stay = rounded(-8.0 * (1.0 - w).ln() * (1.0 + shift / 20.0), 2);
        let sex = if z < 0.45 + shift / 40.0 { "f" } else { "m" };
        let ward = if u + v < 0.8 {
            "a"
        } else if u + v < 1.3 {
            "b"
        } else {
            "c"
        };
        let event = if (u + w + m) / 3.0 > 0.5 { "1" } else { "0" };
        let pressure = if m < 0.1 { String::new() } else { pressure };
        let ward = if z > 0.95 { "" } else { ward };
        [age, pressure, stay, sex.into(), ward.into(), event.into()]
    });
    let cells: Vec<[String; 6]> = cells.collect();
    let rows = Rows::new(&["age", "bp", "los", "sex", "ward", "event"], cells).unwrap();
    Table::read(&schema(), &rows).unwrap()
}

pub fn schema() -> Schema {
    let number = |name: &str, missing| {
        let bounds = Some(Bounds { least: -1e3, greatest: 1e3, origin: Origin::Declared });
        let kind = ColumnKind::Number { bounds, decimals: None };
        ColumnSchema { name: name.into(), kind, unit: None, missing }
    };
    let words = |name: &str, words: &[&str], missing| {
        let categories = words.iter().map(|word| (*word).into()).collect();
        let kind = ColumnKind::Category { categories, ordered: false, origin: Origin::Declared };
        ColumnSchema { name: name.into(), kind, unit: None, missing }
    };
    let columns = vec![
        number("age", Missing::Never),
        number("bp", Missing::Modelled),
        number("los", Missing::Never),
        words("sex", &["f", "m"], Missing::Never),
        words("ward", &["a", "b", "c"], Missing::Modelled),
        words("event", &["0", "1"], Missing::Never),
    ];
    Schema::new(columns, Vec::new(), None).unwrap()
}

/// SUPPORT's columns of categories, as its own description says.
const WORDS: [&str; 7] = ["x1", "x2", "x3", "x4", "x5", "x6", "event"];

/// SUPPORT as NHSSynth has it, without the date of birth: its first 8,872 rows, medians and a category for what is
/// missing. `None` where the file is not there.
pub fn support() -> Option<Table> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/support_nhssynth/support.csv");
    if !PathBuf::from(file).exists() {
        eprintln!("skipped: {file} is not there");
        return None;
    }
    let mut reader = csv::Reader::from_path(file).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
    let mut cells: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().skip(1).map(str::to_owned).collect()).collect();
    cells.truncate(8872);
    for (place, name) in names.iter().enumerate() {
        let mut present: Vec<f64> = cells.iter().filter_map(|row| row[place].parse().ok()).collect();
        present.sort_by(f64::total_cmp);
        let filler = if WORDS.contains(&name.as_str()) {
            "absent".to_owned()
        } else {
            let middle = present.len() / 2;
            f64::midpoint(present[middle], present[present.len() - 1 - middle]).to_string()
        };
        for row in cells.iter_mut().filter(|row| row[place].is_empty()) {
            row[place].clone_from(&filler);
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = Rows::new(&names, cells).unwrap();
    let inferred = infer(&rows, &InferParameters { few: 0, ..Default::default() }).unwrap();
    // What is a category is said by the file's own description, as it was to the other programs.
    let columns = inferred.columns().iter().map(|column| {
        let mut column = column.clone();
        if WORDS.contains(&&*column.name) {
            let mut words: Vec<_> = rows.column(&column.name).unwrap().to_vec();
            words.sort();
            words.dedup();
            column.kind =
                ColumnKind::Category { categories: words, ordered: false, origin: Origin::Inferred };
        }
        column
    });
    let schema = Schema::new(columns.collect(), Vec::new(), None).unwrap();
    Some(Table::read(&schema, &rows).unwrap())
}

/// Even rows, then odd ones.
pub fn halves(table: &Table) -> [Table; 2] {
    [0, 1].map(|first| table.rows_of(&(first..table.len()).step_by(2).collect::<Vec<_>>()))
}
