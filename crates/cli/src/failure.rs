//! How a command ends badly: whose fault, what to do, which exit code.

use std::fmt;
use std::process::ExitCode;

use miette::Diagnostic;

/// The input or the arguments can't be used: exit code 2, with a hint.
#[derive(Debug)]
pub(crate) struct BadInput {
    message: String,
    hint: Option<String>,
}

impl BadInput {
    /// A fault of the input, in words.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// A fault of the input that a library found, with its causes in one line.
    pub(crate) fn from_chain(error: &anyhow::Error) -> Self {
        Self::new(format!("{error:#}"))
    }

    /// Adds what the user can do.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for BadInput {}

impl Diagnostic for BadInput {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }
}

/// Any other failure, with its chain of causes: exit code 1.
#[derive(Debug)]
struct Failure(anyhow::Error);

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Diagnostic for Failure {}

/// Prints an error for people on standard error (and for machines on standard output when asked),
/// and gives the exit code.
pub(crate) fn report(error: anyhow::Error, json: bool) -> ExitCode {
    let (code, report) = match error.downcast::<BadInput>() {
        Ok(bad) => (2, miette::Report::new(bad)),
        Err(other) => (1, miette::Report::new(Failure(other))),
    };
    if json {
        let causes: Vec<String> = report.chain().skip(1).map(ToString::to_string).collect();
        let document = serde_json::json!({
            "error": report.to_string(),
            "causes": causes,
            "hint": report.help().map(|help| help.to_string()),
        });
        crate::output::print_json(&document);
    }
    eprintln!("{report:?}");
    ExitCode::from(code)
}
