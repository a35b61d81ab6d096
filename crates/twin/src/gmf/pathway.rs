//! A pathway: one module, named.

/// One module of the Generic Module Framework, ready to run.
#[derive(Clone, Debug)]
pub struct Pathway {
    name: String,
}

impl Pathway {
    /// The pathways that ship with Twinloom.
    pub fn library() -> Vec<Self> {
        Vec::new()
    }

    /// The module's name, which also names its random stream.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a module.
    ///
    /// # Errors
    /// [`PathwayError`] with the file when the text is no JSON object with a name.
    pub fn parse(file: &str, json: &str) -> Result<Self, PathwayError> {
        let value: serde_json::Value = serde_json::from_str(json)
            .map_err(|source| PathwayError::Json { file: file.to_owned(), reason: source.to_string() })?;
        let name = value.get("name").and_then(serde_json::Value::as_str).unwrap_or(file);
        Ok(Self { name: name.to_owned() })
    }
}

/// Why a file is no pathway.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathwayError {
    /// Not JSON, or not of the framework's shape.
    #[error("{file}: {reason}")]
    Json {
        /// The file.
        file: String,
        /// What and where.
        reason: String,
    },
}
