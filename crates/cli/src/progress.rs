//! Progress bars on standard error, for people only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Common;

const REDRAW_MILLISECONDS: u64 = 120;

/// A bar towards a known length, or a spinner when the length is not known.
///
/// Hidden with `--quiet`, with `--json`, and when standard error is no terminal.
pub(crate) fn bar(common: &Common, name: &'static str, length: Option<u64>) -> ProgressBar {
    if common.quiet || common.json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match length {
        Some(length) => {
            (ProgressBar::new(length), "{prefix:>22} {bar:28} {human_pos}/{human_len} {per_sec} eta {eta}")
        }
        None => (ProgressBar::new_spinner(), "{prefix:>22} {spinner} {msg} {elapsed}"),
    };
    let style = ProgressStyle::with_template(template).expect("the templates above are well formed");
    bar.set_style(style);
    bar.set_prefix(name);
    bar.enable_steady_tick(Duration::from_millis(REDRAW_MILLISECONDS));
    bar
}

/// A line on standard error above the bar, or by itself where the bar is hidden; none with `--quiet`.
pub(crate) fn line(bar: &ProgressBar, common: &Common, text: &str) {
    if bar.is_hidden() && !common.quiet {
        eprintln!("{text}");
    } else {
        bar.println(text);
    }
}
