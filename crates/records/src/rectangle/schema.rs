//! A table's schema as YAML, which people edit.

use std::fs;
use std::path::Path;

use twinloom_table::Schema;

/// What stands above a schema that is written for people to edit.
const HEADING: &str = "\
# What each column holds. Declare what you know without looking at people's values: bounds and categories with
# `origin: inferred` were found in the data, and a claim of privacy has to pay for them.
# type: category, integer, number or date; missing: never, modelled or at-random.
# constraints: for example [\"end > start\", \"age in [0, 120]\", \"combinations of ward, site\"]
";

/// Reads a schema.
///
/// # Errors
/// [`SchemaFileError`] naming the line, where the text is no YAML or describes no possible table.
pub fn read_schema(path: &Path) -> Result<Schema, SchemaFileError> {
    let file = path.display().to_string();
    let text =
        fs::read_to_string(path).map_err(|source| SchemaFileError::Io { file: file.clone(), source })?;
    serde_yaml_ng::from_str(&text)
        .map_err(|source| SchemaFileError::Yaml { file, message: source.to_string() })
}

/// Writes a schema with a heading that says how to edit it.
///
/// # Errors
/// [`SchemaFileError`] where the file can't be written.
pub fn write_schema(path: &Path, schema: &Schema) -> Result<(), SchemaFileError> {
    let file = path.display().to_string();
    let text = serde_yaml_ng::to_string(schema)
        .map_err(|source| SchemaFileError::Yaml { file: file.clone(), message: source.to_string() })?;
    fs::write(path, format!("{HEADING}{text}")).map_err(|source| SchemaFileError::Io { file, source })
}

/// Why a schema can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SchemaFileError {
    /// The file can't be read or written.
    #[error("{file}")]
    Io {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no schema.
    #[error("{file}: {message}")]
    Yaml {
        /// Which file.
        file: String,
        /// Where and why.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use twinloom_table::{Rows, infer};

    use super::*;

    #[test]
    fn law_a_schema_comes_back_as_written() {
        let rows = [["71", "no: really", "2020-01-01", "1.25"], ["", "# yes", "", "true"], ["0", "", "", ""]];
        let rows = Rows::new(&["age", "word", "seen", "other"], rows).unwrap();
        let schema = infer(&rows, &twinloom_table::InferParameters::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("schema.yaml");
        write_schema(&file, &schema).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(read_schema(&file).unwrap(), schema, "{text}");
    }

    #[test]
    fn regress_what_is_no_schema_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("schema.yaml");
        let refused = |text: &str| {
            fs::write(&file, text).unwrap();
            read_schema(&file).unwrap_err().to_string()
        };
        assert!(refused("columns: [").contains("schema.yaml"));
        assert!(refused("columns: []").contains("no column"));
        let contradiction =
            "columns:\n- {name: a, type: integer, bounds: {least: 0, greatest: 5}}\nconstraints: [a > 5]\n";
        assert!(refused(contradiction).contains("no value"), "{}", refused(contradiction));
        let unknown = refused("columns:\n- {name: a, type: colour}\n");
        assert!(unknown.contains("colour") || unknown.contains("unknown variant"), "{unknown}");
        assert!(read_schema(&folder.path().join("none.yaml")).is_err());
    }
}
